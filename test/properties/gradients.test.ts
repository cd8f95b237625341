/**
 * What a gradient is, checked: for every op, at random points of its domain and for a random cotangent w, the gradient
 * of Σ w · f(x) that backward computes is the slope that finite differences measure, and the gradient of that gradient
 * too. An op that is added to src/ops/index.ts is tested here without another line.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafOf } from './derivatives.ts';
import { gradientPointsAlongSlope, gradientsAreSlopes } from './laws.ts';
import { drawCase, drawRepeatedCase } from './op-case.ts';
import { everyOpObeys, obeys } from './op-laws.ts';
import { differentiable, notDifferentiable, ops } from './op-list.ts';
import { holds } from './runs.ts';

describe('every op', () => {
  test.each(ops)(
    '%s carries a record under its own name, with a domain to draw arguments from',
    (name, op) => {
      expect(op.record?.name).toBe(name);
      expect(op.record.domain).toBeTypeOf('function');
      expect(op.record.doc).toMatch(/\.$/);
      expect(op.name).toBe(name);
      expect(['pointwise', 'primitive', 'composite']).toContain(op.record.kind);
      const { differentiable: slope } = op.record;
      if (slope !== true) expect(slope.notDifferentiable).toBeTypeOf('string');
    },
  );
});

describe('gradients and gradients of gradients agree with finite differences', () => {
  everyOpObeys(gradientsAreSlopes, 40);
});

describe('gradients of larger tensors agree with finite differences along a direction', () => {
  everyOpObeys(gradientPointsAlongSlope, 20, { large: true });
});

/** Ops that can be called with one tensor in two places, found by trying. */
const repeatable = differentiable.filter(([, op]) =>
  fc.sample(fc.gen(), { numRuns: 50, seed: 1 }).some((g) => drawRepeatedCase(op, g) !== null),
);

describe('a tensor that stands in a call twice gets the sum of both gradients', () => {
  test('there are such ops', () => {
    const names = repeatable.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['add', 'sub', 'mul', 'div', 'matmul', 'where']));
  });

  test.each(repeatable)('%s', (name, op) => {
    holds(name, (g) => {
      const repeated = drawRepeatedCase(op, g);
      fc.pre(repeated !== null);
      obeys(gradientsAreSlopes, repeated, g);
    });
  });
});

describe('an op without a derivative passes no gradient on', () => {
  test.each(notDifferentiable)('%s', (name, op) => {
    holds(name, (g) => {
      const { f, leaves, code } = drawCase(op, g);
      if (f(...leaves.map(leafOf)).requiresGrad) throw new Error(`the result requires a gradient\n${code}`);
    });
  });
});
