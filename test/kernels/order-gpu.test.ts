/** Sorting and extremes on the GPU: the very results of the reference. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostView } from '../../kernels/strides.ts';
import { onGpu } from './gpu-parity.ts';
import { packedView, resultOf } from './views.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Numbers with many ties, and what comparisons like to get wrong. Denormals are zero on GPUs. */
const ties = fc.constantFrom(0, -0, 1, -1, 2, nan, inf, -inf, 1e-37, -1e-37, 3e38, -3e38, 1.5);
const values = fc.oneof(
  ties,
  ties,
  fc.float().filter((v) => v === 0 || !(Math.abs(v) < 2 ** -126)),
);
const columnCounts = [1, 2, 3, 4, 7, 8, 16, 33];

function rowsOf(count: number): fc.Arbitrary<HostView> {
  return fc
    .tuple(fc.constantFrom(...columnCounts), fc.constantFrom(0, 3, 4))
    .chain(([columns, offset]) =>
      fc
        .array(values, { minLength: count * columns, maxLength: count * columns })
        .map((data) => packedView([count, columns], offset, (i) => data[i])),
    );
}

const wholeOf = (...numbers: number[]): HostView => ({
  ...resultOf([1, numbers.length], 'int32'),
  buffer: Int32Array.from(numbers),
});
/** Ties, rises and falls. */
const wave = (i: number): number => ((i * 7919) % 101) - 50;

onGpu('order', (gpu) => {
  function expectSorted(x: HostView, descending: boolean): void {
    const results = [resultOf(x.shape, x.dtype as 'float32'), resultOf(x.shape, 'int32')];
    gpu.expectParity('sort', [x, descending, ...results], { results });
  }
  function expectExtreme(kind: 'max' | 'min', x: HostView): void {
    gpu.expectParity('argReduce', [kind, x, resultOf([...x.shape.slice(0, -1), 1], 'int32')], {});
  }

  test('sorting is stable, in either direction, with NaN as the largest', () => {
    fc.assert(fc.property(rowsOf(3), fc.boolean(), expectSorted), { numRuns: 100 });
  });

  test.each([255, 256, 257, 1000, 1024, 1025, 2048])('sorting rows of %d', (columns) => {
    const x = packedView([2, columns], 0, wave);
    expectSorted(x, false);
    expectSorted(x, true);
  });

  test('sorting whole numbers, and on the host what is long or too large for floats', () => {
    expectSorted(wholeOf(5, -3, 2 ** 24, 5, 0), false);
    for (const x of [wholeOf(2 ** 24 + 1, 2 ** 24, 3), packedView([1, 2049], 0, wave)]) {
      const results = [resultOf(x.shape, x.dtype as 'float32'), resultOf(x.shape, 'int32')];
      const [sorted, from] = gpu.run('sort', [x, true, ...results], results);
      expect([...sorted]).toEqual([...x.buffer].slice(0, sorted.length).sort((a, b) => b - a));
      expect(x.buffer[from[0]]).toBe(sorted[0]);
    }
  });

  test('an extreme is the first of the largest or smallest; NaN wins', () => {
    fc.assert(fc.property(fc.constantFrom('max', 'min'), rowsOf(3), expectExtreme), { numRuns: 100 });
  });

  test.each([255, 256, 257, 1000, 1024, 1025, 4096, 4097, 4100, 50_257])(
    'extremes of rows of %d',
    (columns) => {
      for (const at of [0, 1, columns >> 1, columns - 2, columns - 1]) {
        for (const [kind, size] of [
          ['max', 1],
          ['min', -1],
        ] as const) {
          const x = packedView([3, columns], 0, (i) => (i % columns >= at ? size : 0));
          x.buffer[columns + at] = 2 * size;
          x.buffer[2 * columns + at] = nan;
          expectExtreme(kind, x);
        }
      }
    },
  );

  test('extremes of whole numbers, and on the host of those too large for floats', () => {
    expectExtreme('max', wholeOf(5, -3, 2 ** 24, 2 ** 24, 0));
    const out = resultOf([1, 1], 'int32');
    expect([...gpu.run('argReduce', ['max', wholeOf(2 ** 24, 2 ** 24 + 1), out], [out])[0]]).toEqual([1]);
  });

  test('other counts of rows or columns compile nothing new', () => {
    const both = (rows: number, columns: number): void => {
      const x = packedView([rows, columns], 0, wave);
      expectSorted(x, false);
      expectExtreme('max', x);
    };
    both(2, 12);
    both(2, 13);
    const { compiled } = gpu.machine.counters;
    both(5, 12);
    both(300, 20);
    both(5, 17);
    expect(gpu.machine.counters.compiled - compiled).toBe(0);
  });
});
