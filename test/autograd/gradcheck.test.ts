/** What gradcheck reports, to people and to programs. */
import { describe, expect, test } from 'vitest';
import { customOp, gradcheck, Random, randn, type Tensor, tensor } from '../../src/index.ts';

const f64 = { dtype: 'float64' } as const;
/** x, y → 2x + 3y, whose gradients are off by `error` in the first element of x and half of that in the others. */
const nearlyRight = (error: number): ((...inputs: Tensor[]) => Tensor) =>
  customOp({
    name: 'nearlyRight',
    forward: (x, y) => x.mul(2).add(y.mul(3)),
    backward: (g, { inputs: [x] }) => {
      const off = x
        .mul(0)
        .add(error / 2)
        .toTypedArray();
      if (off.length > 0) off[0] = error;
      return [g.mul(tensor(Array.from(off), f64).reshape(x.shape).add(2)), g.mul(3)];
    },
  });
const matrix = (seed: number): Tensor => randn([2, 2], new Random(seed), f64);

describe('the report', () => {
  test('names inputs, order and element of the first mistake, and lists them all', () => {
    const report = gradcheck(nearlyRight(0.5), [matrix(1), matrix(2)], { name: 'f' });
    expect(report.passed).toBe(false);
    expect(report.failures.map(({ order, input, element }) => [order, input, element])).toEqual([
      [1, 0, [0, 0]],
      [1, 0, [0, 1]],
      [1, 0, [1, 0]],
      [1, 0, [1, 1]],
    ]);
    expect(report.message).toMatch(
      /^gradcheck: f on \(2, 2\), \(2, 2\): 4 wrong; first at order 1, input 0, element \[0, 0\]: analytic -?\d/,
    );
    const [{ analytic, numeric }] = report.failures;
    expect(analytic / numeric).toBeCloseTo(2.5 / 2, 9);
  });

  test('says how large the worst error was, in a right function too', () => {
    for (const [error, tolerance] of [
      [1e-8, 1e-6],
      [0.5, 1e-6],
    ]) {
      const { worst, passed } = gradcheck(nearlyRight(error), [matrix(1), matrix(2)], { tolerance });
      expect(passed).toBe(error < tolerance);
      const weights = gradcheck((x, y) => x.mul(y), [matrix(1), matrix(2)]);
      expect(weights.worst).toBeLessThan(1e-10);
      // The cotangent scales it: of the order of the error, not of its smallest part.
      expect(worst).toBeGreaterThan(error / 10);
      expect(worst).toBeLessThan(error * 10);
    }
    expect(gradcheck(nearlyRight(0), [matrix(1), matrix(2)]).message).toMatch(/: right, error \d\.\de-\d+$/);
  });

  test('an infinite slope is infinitely wrong', () => {
    const infinite = customOp({ name: 'infinite', forward: (x) => x.mul(1), backward: (g) => [g.div(0)] });
    expect(gradcheck(infinite, [tensor([1], f64)]).worst).toBe(Infinity);
    const missing = customOp({ name: 'missing', forward: (x) => x.mul(1), backward: (g) => [g.mul(NaN)] });
    expect(gradcheck(missing, [tensor([1], f64)])).toMatchObject({ passed: false, worst: Infinity });
  });
});

test('does not let a steep input hide a wrong gradient of a flat one', () => {
  const wrong = customOp({
    name: 'wrong',
    forward: (a, b) => a.mul(1e7).add(b),
    backward: (g) => [g.mul(1e7), g.mul(5)],
  });
  expect(gradcheck(wrong, [matrix(1), matrix(2)]).passed).toBe(false);
});

test('each order has directions of its own, and the seed chooses them', () => {
  // A slope along one direction alone is wrong; that the third order looks along others shows it.
  const cube = (x: Tensor): Tensor => x.mul(x).mul(x);
  expect(gradcheck(cube, [matrix(3)], { order: 3 }).passed).toBe(true);
  const seen = [0, 0, 1].map(
    (seed) => gradcheck(nearlyRight(0.5), [matrix(1), matrix(2)], { seed }).failures[0].numeric,
  );
  expect(seen[0]).toBe(seen[1]);
  expect(seen[0]).not.toBe(seen[2]);
});

test('a function whose result does not depend on its inputs is right, to any order', () => {
  const constant = (): Tensor => tensor([1, 2], f64);
  expect(gradcheck(constant, [matrix(1)], { order: 2 })).toMatchObject({ passed: true, worst: 0 });
});

test('what cannot be checked is refused', () => {
  expect(() => gradcheck((x) => x, [matrix(1), tensor([1])])).toThrow(
    "gradcheck: input 1 is float32; finite differences need float64. Did you mean x.to('float64')?",
  );
  expect(() => gradcheck((x) => x, [tensor([1])])).toThrow('gradcheck: input 0 is float32');
  expect(() => gradcheck((x) => x.to('float32'), [matrix(1)])).toThrow(
    'gradcheck: the result is float32; it must be float64.',
  );
});
