import { describe, expect, it } from 'vitest';
import { clipGradNorm } from '../../src/optim/clip.ts';
import { dtypes, expectClose, make, parameterOf } from './support.ts';

/** Two parameters whose gradients have the global norm √(9 + 16 + 144) = 13, and one without a gradient. */
function parameters(dtype: 'float32' | 'float64') {
  const a = parameterOf([1, 1], [2], dtype);
  const frozen = parameterOf([5, 5], [2], dtype);
  const b = parameterOf([1], [1, 1], dtype);
  a.grad = make([3, -4], [2], dtype);
  b.grad = make([12], [1, 1], dtype);
  return { a, frozen, b, all: [a, frozen, b] };
}

describe('clipGradNorm', () => {
  it.each(dtypes)('scales all gradients by one factor to the largest norm: %s', (dtype) => {
    const { a, b, frozen, all } = parameters(dtype);
    expect(clipGradNorm(all, 6.5)).toBe(13);
    expectClose(a.grad!, [1.5, -2]);
    expectClose(b.grad!, [6]);
    expect(b.grad!.shape).toEqual([1, 1]);
    expect(frozen.grad).toBeNull();
    expect(clipGradNorm(all, 6.5)).toBeCloseTo(6.5, 5);
  });

  it.each([13, 20, Number.POSITIVE_INFINITY])('leaves gradients alone within the norm: %s', (maxNorm) => {
    const { a, b, all } = parameters('float32');
    const before = [a.grad, b.grad];
    expect(clipGradNorm(all, maxNorm)).toBe(13);
    expect([a.grad, b.grad]).toEqual(before);
    expect(a.grad).toBe(before[0]);
  });

  it('neither records itself nor touches another holder of the same gradient', () => {
    const { a, all } = parameters('float32');
    const shared = a.grad!;
    clipGradNorm(all, 1);
    expect(a.grad!.requiresGrad).toBe(false);
    expect(shared.toArray()).toEqual([3, -4]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'reports a norm that is not finite and leaves the gradients: %s',
    (value) => {
      const { a, b, all } = parameters('float32');
      b.grad = make([value], [1, 1], 'float32');
      expect(clipGradNorm(all, 1)).toBe(value);
      expect(a.grad!.toArray()).toEqual([3, -4]);
    },
  );

  it('is 0 where there is no gradient at all', () => {
    expect(clipGradNorm([parameterOf([1], [1], 'float32')], 1)).toBe(0);
    expect(clipGradNorm([], 1)).toBe(0);
  });

  it('refuses a norm below 0, and none', () => {
    expect(() => clipGradNorm([], -1)).toThrow('clipGradNorm: maxNorm must be a number from 0 up, not -1.');
    expect(() => clipGradNorm([], Number.NaN)).toThrow(/not NaN/);
  });
});
