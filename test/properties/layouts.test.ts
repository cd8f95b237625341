/**
 * An op sees numbers in a shape, not memory: a transposed, sliced, expanded or still pending argument gives, to the last
 * bit, what a contiguous copy of it gives. And an op that runs in float32 stays in float32, near the float64 result.
 */
import { describe, expect, test } from 'vitest';
import { fromTypedArray, type Tensor } from '../../src/index.ts';
import { Random } from '../../src/tensor/random.ts';
import { largest, leafOf, normalLike, numbersOf, vectorJacobianProduct } from './derivatives.ts';
import { drawCase, isFloating } from './op-case.ts';
import { differentiable, ops } from './op-list.ts';
import { holds } from './runs.ts';

/** The same numbers in reading order, in memory of their own. */
function copyOf(x: Tensor): Tensor {
  return fromTypedArray(x.toTypedArray(), x.shape);
}

describe('the layout of the arguments in memory changes no result', () => {
  test.each(ops)('%s', (name, op) => {
    holds(name, (g) => {
      const { f, call, leaves, code } = drawCase(op, g);
      const result = f(...leaves);
      const plain = call(copyOf);
      expect(plain.shape, code).toEqual(result.shape);
      expect(plain.dtype, code).toBe(result.dtype);
      expect(plain.toTypedArray(), code).toEqual(result.toTypedArray());
    });
  });
});

describe('an op leaves its arguments alone', () => {
  test.each(ops)('%s', (name, op) => {
    holds(name, (g) => {
      const { f, leaves, code } = drawCase(op, g);
      const before = leaves.map(numbersOf);
      const inputs = leaves.map(leafOf);
      const y = f(...inputs);
      if (y.requiresGrad) y.sum().backward();
      y.toTypedArray();
      expect(
        inputs.map((x) => numbersOf(x.detach())),
        code,
      ).toEqual(before);
    });
  });
});

describe('in float32 values and gradients stay float32, and near those of float64', () => {
  test.each(differentiable)('%s', (name, op) => {
    holds(name, (g) => {
      const { f, leaves, code } = drawCase(op, g);
      const exact = f(...leaves);
      const single = leaves.map((leaf) => leaf.to('float32'));
      const result = f(...single);
      expect(isFloating(result), code).toBe(true);
      if (name !== 'to') expect(result.dtype, code).toBe('float32');
      near(result, exact, code);
      const w = normalLike(exact, new Random(4));
      const gradients = vectorJacobianProduct(f, single, w.to(result.dtype));
      vectorJacobianProduct(f, leaves, w).forEach((gradient, i) => {
        near(gradients[i], gradient, code);
      });
    });
  });
});

/** Within a few roundings of float32, measured by the largest number. */
function near(single: Tensor, exact: Tensor, code: string): void {
  expect(single.shape, code).toEqual(exact.shape);
  const numbers = numbersOf(exact);
  const difference = numbersOf(single).map((value, i) => value - numbers[i]);
  expect(largest(difference), code).toBeLessThan(1e-5 * Math.max(1, largest(numbers)));
}
