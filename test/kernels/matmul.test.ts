/** The tiled matrix product against three nested loops, over every kind of view. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matmul } from '../../kernels/matmul/reference.ts';
import type { HostView } from '../../kernels/strides.ts';
import { elementAt, type FloatType, indices, layouts, resultOf, viewOf } from './views.ts';

/** Σ a · b in float64, in the order of k, rounded once at the end. */
function naive(a: HostView, b: HostView, out: HostView): number[] {
  const inner = a.shape[a.shape.length - 1];
  return [...indices(out.shape)].map((index) => {
    const batch = index.slice(0, -2);
    const [row, column] = index.slice(-2);
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum += elementAt(a, [...batch, row, k]) * elementAt(b, [...batch, k, column]);
    return out.dtype === 'float32' ? Math.fround(sum) : sum;
  });
}

const sizes = fc.integer({ min: 0, max: 9 });
const dtypes = fc.constantFrom<FloatType>('float32', 'float64');

describe('matmul is the triple loop, to the last bit', () => {
  test('for matrices of any small size, odd ones and empty ones included', () => {
    fc.assert(
      fc.property(
        sizes,
        sizes,
        fc.integer({ min: 1, max: 9 }),
        dtypes,
        layouts,
        layouts,
        (m, n, k, dtype, la, lb) => {
          const [a, b] = [viewOf([m, k], la, dtype), viewOf([k, n], lb, dtype)];
          const out = resultOf([m, n], dtype);
          matmul(a, b, null, out);
          expect([...out.buffer]).toEqual(naive(a, b, out));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('for batches, whose axes may be stretched', () => {
    const batches = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });
    fc.assert(
      fc.property(batches, sizes, sizes, layouts, layouts, (batch, m, n, la, lb) => {
        const [a, b] = [viewOf([...batch, m, 3], la, 'float32'), viewOf([...batch, 3, n], lb, 'float32')];
        const out = resultOf([...batch, m, n], 'float32');
        matmul(a, b, null, out);
        expect([...out.buffer]).toEqual(naive(a, b, out));
      }),
      { numRuns: 200 },
    );
  });

  test('for sizes around the tiles and panels', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 15, 16, 17, 31, 33, 64),
        fc.constantFrom(1, 15, 16, 17, 31, 33, 64),
        fc.constantFrom(1, 31, 32, 33, 100),
        layouts,
        layouts,
        (m, n, k, la, lb) => {
          const [a, b] = [viewOf([m, k], la, 'float32'), viewOf([k, n], lb, 'float32')];
          const out = resultOf([m, n], 'float32');
          matmul(a, b, null, out);
          expect([...out.buffer]).toEqual(naive(a, b, out));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('also when a small product follows a large one, whose packed panels are still in memory', () => {
    const plain = {
      order: [4, 3, 2, 1, 0],
      gaps: [1, 1, 1, 1, 1],
      stretched: Array(5).fill(false),
      offset: 0,
      seed: 1,
    };
    for (const [m, k, n] of [
      [40, 50, 30],
      [3, 2, 5],
      [5, 50, 1],
    ]) {
      const [a, b] = [viewOf([m, k], plain, 'float64'), viewOf([k, n], { ...plain, seed: 2 }, 'float64')];
      const out = resultOf([m, n], 'float64');
      matmul(a, b, null, out);
      expect([...out.buffer]).toEqual(naive(a, b, out));
    }
  });
});
