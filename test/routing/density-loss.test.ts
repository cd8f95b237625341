/** The density loss by itself; test/routing/binary-router.test.ts has its gradient through a router. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradients, tensor } from '../../src/index.ts';
import { densityAt, densityLoss } from '../../src/routing/density-loss.ts';
import { holdsFor } from '../model/models.ts';

test('is the sum over layers, not the mean, of squared distances from the target or targets', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const layers = fc.array(fc.record({ density: share, target: share }), { minLength: 1, maxLength: 5 });
  holdsFor('density loss', layers, (drawn) => {
    const densities = drawn.map(({ density }) => density);
    const targets = drawn.map(({ target }) => target);
    const leaves = densities.map((r) => tensor(r, { dtype: 'float64', requiresGrad: true }));
    const one = densityLoss(leaves, targets[0]);
    const each = densityLoss(leaves, targets);
    expect(one.item()).toBeCloseTo(
      densities.reduce((sum, r) => sum + (r - targets[0]) ** 2, 0),
      12,
    );
    expect(each.item()).toBeCloseTo(
      densities.reduce((sum, r, i) => sum + (r - targets[i]) ** 2, 0),
      12,
    );
    gradients(each, leaves).forEach((gradient, i) => {
      expect(gradient.item()).toBeCloseTo(2 * (densities[i] - targets[i]), 12);
    });
  });
});

test('refuses lists that do not fit', () => {
  expect(() => densityLoss([tensor(0.7)], [0.1, 0.2])).toThrow(/^densityLoss: 2 targets do not fit 1 layers/);
  expect(() => densityLoss([], 0.5)).toThrow(/^densityLoss: needs the density of at least one layer/);
});

test('P on its way from 1 to its target', () => {
  expect([0, 0.25, 0.5, 1].map((progress) => densityAt(0.2, progress))).toEqual([
    1, 0.8, 0.6, 0.19999999999999996,
  ]);
  expect(densityAt(1, 0.3)).toBe(1);
});
