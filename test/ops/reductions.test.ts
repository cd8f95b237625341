import { describe, expect, test } from 'vitest';
import { gradcheck, sort, topk, zeros } from '../../src/index.ts';
import { expectClose, f64, flat, i32, slope } from './numbers.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const x = f64([[3, -1, 2], [0, 5, -4]]); // biome-ignore format: rows and columns

describe('reductions', () => {
  test('over one axis, several, all, kept or not', () => {
    expectClose(x.sum(0), [3, 4, -2]);
    expectClose(x.mean(-1), [4 / 3, 1 / 3]);
    expectClose(x.prod(1), [-6, 0]);
    expectClose(x.max([0, 1]), [5]);
    expectClose(x.min(), [-4]);
    expect(x.prod(0, { keepDim: true }).shape).toEqual([1, 3]);
    expectClose(x.transpose().prod(0), [-6, 0]);
  });

  test('over nothing: sum 0, product 1, no extremum, mean NaN', () => {
    const empty = zeros([2, 0], { dtype: 'float64' });
    expect(empty.sum(1).toArray()).toEqual([0, 0]);
    expect(empty.prod(1).toArray()).toEqual([1, 1]);
    expect(empty.logSumExp(1).toArray()).toEqual([-inf, -inf]);
    expect(empty.mean().toArray()).toBe(nan);
    expect(() => empty.max(1)).toThrow('max: axis 1 of (2, 0) is empty, and of nothing there is no max.');
    expect(() => empty.argmin(1)).toThrow(
      'argmin: axis 1 of (2, 0) is empty, and of nothing there is no argmin.',
    );
    expect(empty.argmax(0).shape).toEqual([0]);
  });

  test('variance is unbiased unless told otherwise, and NaN for a single number', () => {
    expectClose(f64([1, 2, 4]).variance(), 7 / 3);
    expectClose(f64([1, 2, 4]).variance(0, { correction: 0 }), 14 / 9);
    expectClose(f64([[1], [2]]).variance(1), [nan, nan]);
    expect(x.variance(1, { keepDim: true }).shape).toEqual([2, 1]);
  });

  test('ties of max and min share the gradient evenly', () => {
    expectClose(
      slope((t) => t.max(), f64([2, 1, 2, 2])),
      [1 / 3, 0, 1 / 3, 1 / 3],
    );
    expectClose(
      slope((t) => t.min(), f64([2, 1, 1])),
      [0, 0.5, 0.5],
    );
  });

  test('NaN wins', () => {
    const y = f64([1, nan, 3]);
    expectClose(y.max(), nan);
    expectClose(y.min(), nan);
    expect(y.argmax().item()).toBe(1);
    expect(y.argmin().item()).toBe(1);
  });

  test('logSumExp is stable far out and −∞ where every x is, with gradient 0 there', () => {
    const far = f64([[1e4, 1e4], [-1e4, -1e4], [-inf, 0], [-inf, -inf], [inf, 0]]); // biome-ignore format: rows
    expectClose(far.logSumExp(1), [1e4 + Math.LN2, -1e4 + Math.LN2, 0, -inf, inf]);
    expectClose(
      slope((t) => t.logSumExp(1), far.slice(0, 0, 4)),
      [0.5, 0.5, 0.5, 0.5, 0, 1, 0, 0],
    );
  });

  test('a product with zeros has its gradient, and the gradient of that', () => {
    const f = (t: typeof x) => t.prod(1);
    const zerosIn = f64([[2, 0, 3], [0, 0, 5], [1, 2, 3]]); // biome-ignore format: rows and columns
    expectClose(slope(f, zerosIn), [0, 6, 0, 0, 0, 0, 6, 3, 2]);
    const report = gradcheck(f, [zerosIn], { order: 3 });
    expect(report.message).toContain('right');
  });

  test('integers give float32', () => {
    expect(i32([2, 3]).prod().dtype).toBe('float32');
    expect(i32([2, 3]).cumsum().dtype).toBe('float32');
    expect(flat(i32([0, 0]).softmax())).toEqual([0.5, 0.5]);
    expect(i32([2, 3]).max().dtype).toBe('int32');
  });
});

describe('positions', () => {
  test('argmax and argmin take the first of equals, along an axis or in reading order', () => {
    expect(f64([[1, 3, 3], [2, 0, 0]]).argmax(1).toArray()).toEqual([1, 0]); // biome-ignore format: one line
    expect(x.argmax(0).toArray()).toEqual([0, 1, 0]);
    expect(x.argmin(0, { keepDim: true }).toArray()).toEqual([[1, 0, 1]]);
    expect(x.argmax().item()).toBe(4);
    expect(x.transpose().argmax().item()).toBe(3);
    expect(x.argmin(undefined, { keepDim: true }).shape).toEqual([1, 1]);
    expect(x.argmin().dtype).toBe('int32');
    expect(f64(7).argmax().item()).toBe(0);
  });

  test('sort is stable; NaN counts as largest; infinities find their ends', () => {
    const { values, indices } = sort(f64([2, nan, 1, 2, -inf, inf, inf]));
    expectClose(values, [-inf, 1, 2, 2, inf, inf, nan]);
    expect(flat(indices)).toEqual([4, 2, 0, 3, 5, 6, 1]);
    expect(flat(f64([2, nan, 1, 2]).argsort(0, { descending: true }))).toEqual([1, 0, 3, 2]);
    expect(sort(x, 0).values.toArray()).toEqual([[0, -1, -4], [3, 5, 2]]); // biome-ignore format: one line
    expect(sort(zeros([2, 0])).indices.shape).toEqual([2, 0]);
  });

  test('the gradient of sorted values goes back to where they stood', () => {
    const weights = f64([1, 2, 3]);
    expectClose(
      slope((t) => sort(t).values.mul(weights), f64([5, 4, 6])),
      [2, 1, 3],
    );
    expectClose(
      slope((t) => topk(t, 2).values.mul(f64([1, 2])), f64([5, 4, 6])),
      [2, 0, 1],
    );
  });

  test('topk takes the largest or the smallest, in order', () => {
    expect(topk(x, 2, 1).values.toArray()).toEqual([[3, 2], [5, 0]]); // biome-ignore format: one line
    expect(topk(x, 2, 1).indices.toArray()).toEqual([[0, 2], [1, 0]]); // biome-ignore format: one line
    expect(topk(x, 1, 0, { largest: false }).values.toArray()).toEqual([[0, -1, -4]]);
    expect(() => topk(x, 4)).toThrow(
      'topk: k 4 must be a whole number from 0 to 3, the size of axis -1 of (2, 3).',
    );
  });
});

describe('running sums and products', () => {
  test('along any axis', () => {
    expect(x.cumsum().toArray()).toEqual([[3, 2, 4], [0, 5, 1]]); // biome-ignore format: one line
    expect(x.cumsum(0).toArray()).toEqual([[3, -1, 2], [3, 4, -2]]); // biome-ignore format: one line
    expect(x.cumprod(1).toArray()).toEqual([[3, -3, -6], [0, 0, -0]]); // biome-ignore format: one line
    expect(zeros([0, 2]).cumprod(0).shape).toEqual([0, 2]);
  });

  test('a running product with zeros has its gradients', () => {
    const zerosIn = f64([[2, 0, 3, 0, 5]]);
    expectClose(
      slope((t) => t.cumprod(1).slice(1, 0, 3), zerosIn),
      [1, 8, 0, 0, 0],
    );
    const report = gradcheck((t) => t.cumprod(1), [zerosIn], { order: 3 });
    expect(report.message).toContain('right');
  });

  test('a scalar has no axis', () => {
    expect(() => f64(1).cumsum()).toThrow('cumsum: axis -1 does not exist in a scalar, which has none.');
  });
});

test('where NaN wins, the NaNs get the gradient of max and min', () => {
  expect(flat(slope((t) => t.max(), f64([1, nan, 3])))).toEqual([0, 1, 0]);
  expect(flat(slope((t) => t.min(), f64([nan, 1, nan])))).toEqual([0.5, 0, 0.5]);
  expect(flat(slope((t) => t.max(1), f64([[1, nan], [2, 3]])))).toEqual([0, 1, 0, 1]); // biome-ignore format: one line
});
