/** The loss of all exits together. */
import { expect, test } from 'vitest';
import { exitLoss, gradients, tensor } from '../../../src/index.ts';
import { f64 } from '../routers.ts';

test('is the mean of the exits’ losses, weighted 1, 2, … L, and so are its gradients', () => {
  const losses = [3, 1, 0.5].map((loss) => tensor(loss, f64));
  expect(exitLoss(losses).item()).toBeCloseTo((3 * 1 + 1 * 2 + 0.5 * 3) / 6, 12);
  const slopes = gradients(exitLoss(losses), losses).map((slope) => slope.item());
  [1 / 6, 2 / 6, 3 / 6].forEach((weight, i) => {
    expect(slopes[i]).toBeCloseTo(weight, 12);
  });
});

test('of one exit is its loss, and of none an error', () => {
  expect(exitLoss([tensor(0.7)]).item()).toBe(tensor(0.7).item());
  expect(() => exitLoss([])).toThrow('exitLoss: needs the loss of at least one exit');
});
