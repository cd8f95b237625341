/** Reductions over any axes of any view, and how precise a long sum is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reduction } from '../../kernels/contract.ts';
import { reduce } from '../../kernels/reduce/reference.ts';
import { fromTypedArray, Random, randn } from '../../src/index.ts';
import { elementAt, indices, layouts, resultOf, viewOf } from './views.ts';

const folds: Record<Reduction, { start: number; fold: (total: number, value: number) => number }> = {
  sum: { start: 0, fold: (total, value) => total + value },
  prod: { start: 1, fold: (total, value) => total * value },
  max: { start: Number.NEGATIVE_INFINITY, fold: Math.max },
  min: { start: Number.POSITIVE_INFINITY, fold: Math.min },
};

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const kinds = fc.constantFrom(...(Object.keys(folds) as Reduction[]));

test('every reduction over every choice of axes is the plain fold', () => {
  fc.assert(
    fc.property(kinds, shapes, fc.subarray([0, 1, 2, 3]), layouts, (kind, shape, chosen, layout) => {
      const axes = chosen.filter((axis) => axis < shape.length);
      const x = viewOf(shape, layout, 'float64');
      const out = resultOf(
        shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent)),
        'float64',
      );
      reduce(kind, x, axes, out);
      const { start, fold } = folds[kind];
      const expected = new Map([...indices(out.shape)].map((index) => [index.join(), start]));
      for (const index of indices(shape)) {
        const key = index.map((i, axis) => (axes.includes(axis) ? 0 : i)).join();
        expected.set(key, fold(expected.get(key) as number, elementAt(x, index)));
      }
      [...expected.values()].forEach((value, i) => {
        const slack = kind === 'sum' || kind === 'prod' ? 1e-13 * Math.max(1, Math.abs(value)) : 0;
        if (Number.isFinite(value)) expect(Math.abs(out.buffer[i] - value)).toBeLessThanOrEqual(slack);
        else expect(out.buffer[i]).toBe(value);
      });
    }),
    { numRuns: 500 },
  );
});

test('max and min find NaN wherever it stands', () => {
  for (let at = 0; at < 5; at++) {
    const data = Float32Array.of(1, 2, 3, 4, 5);
    data[at] = Number.NaN;
    const x = fromTypedArray(data, [5]);
    expect([x.max().item(), x.min().item()]).toEqual([Number.NaN, Number.NaN]);
  }
});

describe('long sums of float32 lose nothing on the way', () => {
  const count = 10_000_000;

  test('ten million tenths', () => {
    // Added up in float32, this would be 1087937 in place of 1000000.
    const x = fromTypedArray(new Float32Array(count).fill(0.1), [count]);
    expect(x.sum().item()).toBe(Math.fround(Math.fround(0.1) * count));
    expect(x.mean().item()).toBe(Math.fround(0.1));
  });

  test('whichever axis they run along', () => {
    const x = randn([1000, 200], new Random(1));
    const exact = x.to('float64').sum(0).toTypedArray();
    x.sum(0)
      .toTypedArray()
      .forEach((value, i) => {
        expect(value).toBe(Math.fround(exact[i]));
      });
  });
});
