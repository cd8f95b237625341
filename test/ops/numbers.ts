/** Reading results in tests. */
import { expect } from 'vitest';
import { gradients, type Nested, type Tensor, tensor } from '../../src/index.ts';

/** A float64 tensor. */
export function f64(values: Nested): Tensor {
  return tensor(values, { dtype: 'float64' });
}

export function i32(values: Nested): Tensor {
  return tensor(values, { dtype: 'int32' });
}

/** The elements in reading order. */
export function flat(x: Tensor): number[] {
  return Array.from<number>(x.toTypedArray());
}

function flattened(values: Nested): number[] {
  return Array.isArray(values) ? values.flatMap(flattened) : [values];
}

/** |actual − expected| ≤ 1e-12 · max(1, |expected|), and NaN and infinities where they are expected. */
export function expectClose(x: Tensor, expected: Nested): void {
  const actual = flat(x);
  const wanted = flattened(expected);
  expect(actual.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    const near = Math.abs(actual[i] - value) <= 1e-12 * Math.max(1, Math.abs(value));
    if (!near && !Object.is(actual[i] + 0, value + 0)) {
      expect.fail(`element ${i} is ${actual[i]}, expected ${value}; all: ${actual}`);
    }
  });
}

/** The gradient of Σ f(x) at x. */
export function slope(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  const leaf = x.detach();
  leaf.requiresGrad = true;
  return gradients(f(leaf).sum(), [leaf])[0];
}

/** The gradient of Σ of the gradient of Σ f: its second derivative, where f is elementwise. */
export function secondSlope(f: (x: Tensor) => Tensor, x: Tensor): Tensor {
  return slope((y) => gradients(f(y).sum(), [y], { createGraph: true })[0], x);
}
