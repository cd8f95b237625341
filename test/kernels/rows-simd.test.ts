/** Moving rows in WebAssembly: the very results of the reference, and nothing else written. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Kernels, TypedArray } from '../../kernels/contract.ts';
import { simdRows } from '../../kernels/rows/simd.ts';
import { contiguousStrides, type HostView, sizeOf } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { watch } from './machines.ts';
import { resultOf } from './views.ts';

const small = watch(simdRows);
/** Apart, because watching takes longer the larger the memory is. */
const large = watch(simdRows);

type Type = 'float32' | 'float64' | 'int32';

/** Nothing but the rounding to float32 lies between these kernels and the reference. */
function expectSame(
  name: keyof Kernels<unknown>,
  args: readonly unknown[],
  result: HostView,
  { expectParity } = small,
): void {
  const slack = (value: number): number =>
    result.dtype === 'float32' ? Math.abs(Math.fround(value) - value) : 0;
  expectParity(name, args, { slack, results: [result] });
}

/** A contiguous view over numbers, some of them awkward, which begins some elements into its buffer. */
function numbers(
  shape: readonly number[],
  seed: number,
  dtype: Type = 'float32',
  offset = seed % 4,
): HostView {
  const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array };
  const awkward = [-0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, -3e38];
  const random = new Random(seed);
  const buffer: TypedArray = new arrays[dtype](offset + sizeOf(shape));
  for (let i = 0; i < buffer.length; i++) {
    const plain = dtype === 'int32' ? random.int(1000) - 500 : random.normal();
    buffer[i] = random.int(20) === 0 ? awkward[random.int(awkward.length)] : plain;
  }
  return { buffer, dtype, shape, strides: contiguousStrides(shape), offset };
}

/** Indices from `least` (a negative one stands for none) to before `below`. */
function places(shape: readonly number[], below: number, seed: number, least: number): HostView {
  const view = numbers(shape, seed, 'int32');
  const random = new Random(seed).fork('places');
  view.buffer.forEach((_, i) => {
    view.buffer[i] = least + random.int(below - least);
  });
  return view;
}

const extent = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 31, 32, 33));
const count = fc.integer({ min: 0, max: 20 });
const seeds = fc.nat(1e6);

describe('rows', () => {
  test.each(['float32', 'float64', 'int32'] as const)('of %s are gathered', (dtype) => {
    fc.assert(
      fc.property(extent, extent, count, seeds, (rows, columns, n, seed) => {
        const out = resultOf([n, columns], dtype);
        const index = places([n], rows, seed, -1);
        expectSame('gatherRows', [numbers([rows, columns], seed, dtype), index, out], out);
      }),
      { numRuns: 100 },
    );
  });

  test.each(['float32', 'float64', 'int32'] as const)(
    'of %s are scattered, the last one to a place',
    (dtype) => {
      fc.assert(
        fc.property(extent, extent, count, seeds, (rows, columns, n, seed) => {
          const [base, sent] = [
            numbers([rows, columns], seed, dtype),
            numbers([n, columns], seed + 1, dtype),
          ];
          const out = resultOf([rows, columns], dtype);
          expectSame('scatterRows', [base, places([n], rows, seed, -1), sent, out], out);
        }),
        { numRuns: 100 },
      );
    },
  );

  test('are added up in their order', () => {
    fc.assert(
      fc.property(extent, extent, count, seeds, (rows, columns, n, seed) => {
        const out = resultOf([rows, columns], 'float32');
        expectSame('scatterAddRows', [places([n], rows, seed, -1), numbers([n, columns], seed), out], out);
      }),
      { numRuns: 200 },
    );
  });

  test('in many parts', () => {
    const index = places([900], 257, 3, -1);
    const [x, rows] = [numbers([257, 130], 4), numbers([900, 130], 5)];
    const [picked, sums] = [resultOf([900, 130], 'float32'), resultOf([257, 130], 'float32')];
    expectSame('gatherRows', [x, index, picked], picked, large);
    expectSame('scatterAddRows', [index, rows, sums], sums, large);
    expectSame('scatterRows', [x, index, rows, sums], sums, large);
  });

  test('of a large vocabulary, few of which are sent anything', () => {
    const out = resultOf([20_000, 9], 'float32');
    expectSame('scatterAddRows', [places([50], 20_000, 1, 0), numbers([50, 9], 2), out], out, large);
  });
});

describe('along the last axis', () => {
  test('numbers are picked', () => {
    fc.assert(
      fc.property(extent, extent, extent, seeds, fc.boolean(), (rows, columns, n, seed, whole) => {
        const dtype = whole ? 'int32' : 'float32';
        const out = resultOf([rows, n], dtype);
        const index = places([rows, n], columns, seed, 0);
        expectSame('gather', [numbers([rows, columns], seed, dtype), index, out], out);
      }),
      { numRuns: 100 },
    );
  });

  test('numbers are added up in their order', () => {
    fc.assert(
      fc.property(extent, extent, extent, seeds, (rows, columns, n, seed) => {
        const out = resultOf([rows, columns], 'float32');
        const [x, sent] = [numbers([rows, columns], seed), numbers([rows, n], seed + 1)];
        expectSame('scatterAdd', [x, places([rows, n], columns, seed, 0), sent, out], out);
      }),
      { numRuns: 200 },
    );
  });

  test('in many parts', () => {
    const index = places([700, 41], 50, 1, 0);
    const [picked, sums] = [resultOf([700, 41], 'float32'), resultOf([700, 50], 'float32')];
    expectSame('gather', [numbers([700, 50], 2), index, picked], picked, large);
    expectSame('scatterAdd', [numbers([700, 50], 2), index, numbers([700, 41], 3), sums], sums, large);
  });
});

describe('copyInto', () => {
  /** A target with its axes in any order in memory, with gaps and an offset; its buffer holds 77 everywhere. */
  const targets = fc.record({
    shape: fc
      .array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(8, 17, 33)), { maxLength: 4 })
      .filter((shape) => sizeOf(shape) <= 2000),
    order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }),
    plain: fc.boolean(),
    gaps: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 4, maxLength: 4 }),
    offset: fc.integer({ min: 0, max: 3 }),
  });

  test.each(['float32', 'float64', 'int32'] as const)(
    'fills any view of %s and nothing beside it',
    (dtype) => {
      fc.assert(
        fc.property(targets, seeds, ({ shape, order, plain, gaps, offset }, seed) => {
          const strides = shape.map(() => 0);
          let extent = 1;
          for (const axis of plain ? [3, 2, 1, 0] : order) {
            if (axis >= shape.length) continue;
            strides[axis] = extent * gaps[axis];
            extent = strides[axis] * Math.max(shape[axis], 1);
          }
          const { buffer } = resultOf([offset + extent + 5], dtype);
          const target = { buffer, dtype, shape, strides, offset };
          expectSame('copyInto', [numbers(shape, seed, dtype), target], target);
        }),
        { numRuns: 150 },
      );
    },
  );

  test('writes new tokens into a cache of keys, and long rows in segments', () => {
    const { buffer } = resultOf([2 * 3 * 50 * 16], 'float32');
    const strides = [3 * 50 * 16, 50 * 16, 16, 1];
    const cache = { buffer, dtype: 'float32' as const, shape: [2, 3, 4, 16], strides, offset: 7 * 16 };
    expectSame('copyInto', [numbers([2, 3, 4, 16], 1), cache], cache, large);
    const wide = resultOf([2, 90_000], 'float32');
    const right = { ...wide, shape: [2, 40_001], offset: 49_999 };
    expectSame('copyInto', [numbers([2, 40_001], 2), right], right, large);
    const stepped = { ...wide, shape: [2, 40_001], strides: [90_000, 2], offset: 3 };
    expectSame('copyInto', [numbers([2, 40_001], 2), stepped], stepped, large);
  });
});
