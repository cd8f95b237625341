/** Sorting, extremes and running sums in WebAssembly: the very results of the reference. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simdScan } from '../../kernels/scan/simd.ts';
import { argReduce, sort } from '../../kernels/sort/reference.ts';
import { simdOrder } from '../../kernels/sort/simd.ts';
import { contiguousStrides, type HostView } from '../../kernels/strides.ts';
import { watch } from './machines.ts';
import { resultOf } from './views.ts';

const { expectParity: expectOrder } = watch(simdOrder);
const { expectParity: expectScan } = watch(simdScan);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** A contiguous view, which begins some elements into its buffer. */
function viewOver(data: Float32Array | Int32Array, shape: readonly number[], offset: number): HostView {
  const buffer = new (data.constructor as Float32ArrayConstructor)(offset + data.length);
  buffer.set(data, offset);
  const dtype = data instanceof Int32Array ? 'int32' : 'float32';
  return { buffer, dtype, shape, strides: contiguousStrides(shape), offset };
}

/** Numbers with many ties, and what comparisons like to get wrong. */
const ties = fc.constantFrom(0, -0, 1, -1, 2, nan, inf, -inf, 1e-45, -1e-45, 3e38, -3e38, 1.5);
const floats = fc.oneof(ties, fc.float());
const lengths = fc.oneof(fc.integer({ min: 1, max: 10 }), fc.constantFrom(15, 16, 17, 31, 32, 33, 100));

function rowsOf<T>(
  values: fc.Arbitrary<T>,
): fc.Arbitrary<{ rows: number; columns: number; data: T[]; offset: number }> {
  return fc
    .tuple(fc.integer({ min: 1, max: 5 }), lengths, fc.integer({ min: 0, max: 3 }))
    .chain(([rows, columns, offset]) => {
      const size = rows * columns;
      return fc.record({
        rows: fc.constant(rows),
        columns: fc.constant(columns),
        data: fc.array(values, { minLength: size, maxLength: size }),
        offset: fc.constant(offset),
      });
    });
}

function expectSorted(x: HostView, descending: boolean): void {
  const [values, indices] = [resultOf(x.shape, x.dtype as 'float32'), resultOf(x.shape, 'int32')];
  const found = expectOrder('sort', [x, descending, values, indices], { results: [values, indices] });
  sort(x, descending, values, indices);
  expect(found).toEqual([values.buffer, indices.buffer]); // zeros' signs too
}

describe('sort', () => {
  test('is stable, in either direction, with NaN as the largest', () => {
    fc.assert(
      fc.property(rowsOf(floats), fc.boolean(), ({ rows, columns, data, offset }, descending) => {
        expectSorted(viewOver(Float32Array.from(data), [rows, columns], offset), descending);
      }),
      { numRuns: 300 },
    );
  });

  test('takes NaN of any sign and contents', () => {
    const bits = Uint32Array.of(
      0xffc00000,
      0x7fc00000,
      0x3f800000,
      0xff800001,
      0x7f800000,
      0xff800000,
      0x7fc00001,
    );
    const x = viewOver(new Float32Array(bits.buffer), [1, 7], 0);
    expectSorted(x, false);
    expectSorted(x, true);
  });

  test('of int32', () => {
    const whole = fc.oneof(fc.integer(), fc.integer({ min: -2, max: 2 }));
    fc.assert(
      fc.property(rowsOf(whole), fc.boolean(), ({ rows, columns, data, offset }, descending) => {
        expectSorted(viewOver(Int32Array.from(data), [rows, columns], offset), descending);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    [1, 20_000],
    [300, 70],
  ])('of %d rows of %d', (rows, columns) => {
    const data = Float32Array.from({ length: rows * columns }, (_, i) => (i * 7919) % 1009);
    expectSorted(viewOver(data, [rows, columns], 0), false);
    expectSorted(viewOver(data, [rows, columns], 0), true);
  });
});

describe('argReduce', () => {
  const kinds = fc.constantFrom<('max' | 'min')[]>('max', 'min');

  test('is the first of the largest or smallest; NaN wins', () => {
    fc.assert(
      fc.property(rowsOf(floats), kinds, ({ rows, columns, data, offset }, kind) => {
        const out = resultOf([rows, 1], 'int32');
        expectOrder('argReduce', [kind, viewOver(Float32Array.from(data), [rows, columns], offset), out], {});
      }),
      { numRuns: 300 },
    );
  });

  test.each(['max', 'min'] as const)('%s finds its place anywhere in a row, and NaN before it', (kind) => {
    for (let at = 0; at < 40; at++) {
      const data = new Float32Array(80);
      data[at] = kind === 'max' ? 1 : -1;
      data[40 + at] = nan;
      const out = resultOf([2, 1], 'int32');
      const [found] = expectOrder('argReduce', [kind, viewOver(data, [2, 40], 0), out], {});
      expect([...found]).toEqual([at, at]);
    }
  });

  test('in parts', () => {
    const data = Float32Array.from({ length: 500 * 123 }, (_, i) => Math.sin(i * i));
    const [x, out] = [viewOver(data, [500, 123], 0), resultOf([500, 1], 'int32')];
    const [found] = expectOrder('argReduce', ['max', x, out], {});
    argReduce('max', x, out);
    expect(found).toEqual(out.buffer);
  });
});

describe('scan', () => {
  const kinds = fc.constantFrom<('sum' | 'prod')[]>('sum', 'prod');
  /** Nothing but the rounding to float32 lies between it and the reference. */
  const slack = (value: number): number => Math.abs(Math.fround(value) - value);

  test('rounds a float64 running value at each store', () => {
    const values = fc.oneof({ weight: 8, arbitrary: fc.float({ min: -9, max: 9, noNaN: true }) }, ties);
    fc.assert(
      fc.property(rowsOf(values), kinds, ({ rows, columns, data, offset }, kind) => {
        const x = viewOver(Float32Array.from(data), [rows, columns], offset);
        expectScan('scan', [kind, x, resultOf([rows, columns], 'float32')], { slack });
      }),
      { numRuns: 300 },
    );
  });

  test('in parts', () => {
    const data = Float32Array.from({ length: 300 * 77 }, (_, i) => Math.sin(i));
    expectScan('scan', ['sum', viewOver(data, [300, 77], 0), resultOf([300, 77], 'float32')], { slack });
  });
});
