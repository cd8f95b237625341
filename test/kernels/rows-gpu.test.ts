/** Moving rows on the GPU: moves are exact, sums within the bound that kernels/rows/gpu.ts states. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { View } from '../../kernels/contract.ts';
import type { GpuBuffer } from '../../kernels/glsl/kernel.ts';
import { reference } from '../../kernels/reference.ts';
import { contiguousStrides, type HostView, sizeOf } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { type Gpu, onGpu } from './gpu-parity.ts';
import { packedView, resultOf } from './views.ts';

const exact = { relative: 0 };

/** Numbers of many magnitudes, some of them not finite. */
function numbers(shape: readonly number[], seed: number, offset = seed % 5): HostView {
  const random = new Random(seed);
  const awkward = [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -3e38];
  return packedView(shape, offset, () =>
    random.int(20) === 0 ? awkward[random.int(awkward.length)] : random.normal() * 10 ** (random.int(9) - 4),
  );
}

/** Finite numbers. */
function plain(shape: readonly number[], seed: number, offset = seed % 5): HostView {
  const random = new Random(seed);
  return packedView(shape, offset, () => random.normal() * 10 ** (random.int(9) - 4));
}

/** Indices from `least` (−1 stands for none) to before `below`; what is not shown would be one too large. */
function places(shape: readonly number[], below: number, seed: number, least = -1): HostView {
  const random = new Random(seed).fork('places');
  const offset = seed % 3;
  const buffer = new Int32Array(offset + sizeOf(shape) + 1).fill(below);
  for (let i = 0; i < sizeOf(shape); i++) buffer[offset + i] = least + random.int(below - least);
  return { buffer, dtype: 'int32', shape, strides: contiguousStrides(shape), offset };
}

/** Added up one after another, so many of these would be off by a thousandth: always rounded the same way. */
const [MANY, LOSSY] = [60_000, 1 + 2 ** -9 - 2 ** -12];

/** Every width of a row, counts of rows as they come: they ask for no new kernel. */
const widths = fc.constantFrom(1, 3, 4, 64, 65);
const count = fc.integer({ min: 0, max: 20 });
const extent = fc.integer({ min: 1, max: 20 });
const seeds = fc.nat(1e6);
const runs = { numRuns: 60 };

/** The bound of a sum at each place of the result: how many numbers went there, and the sum of their sizes. */
function sumBound(total: Float64Array, terms: Float64Array) {
  return {
    slack: (_: number, place: number): number =>
      (255 + Math.ceil(terms[place] / 256)) * 2 ** -23 * total[place] + 1e-37,
  };
}

function boundOfRows(index: HostView, rows: HostView, [places, width]: readonly number[]) {
  const [total, terms] = [new Float64Array(places * width), new Float64Array(places * width)];
  for (let i = 0; i < rows.shape[0]; i++) {
    const place = index.buffer[index.offset + i];
    if (place < 0) continue;
    for (let j = 0; j < width; j++) {
      total[place * width + j] += Math.abs(rows.buffer[rows.offset + i * width + j]);
      terms[place * width + j]++;
    }
  }
  return sumBound(total, terms);
}

function boundOfPlaces(x: HostView, index: HostView, source: HostView) {
  const [rows, width] = x.shape;
  const [total, terms] = [new Float64Array(rows * width), new Float64Array(rows * width).fill(1)];
  for (let place = 0; place < rows * width; place++) total[place] = Math.abs(x.buffer[x.offset + place]);
  for (let k = 0; k < sizeOf(index.shape); k++) {
    const place = Math.floor(k / index.shape[1]) * width + index.buffer[index.offset + k];
    total[place] += Math.abs(source.buffer[source.offset + k]);
    terms[place]++;
  }
  return sumBound(total, terms);
}

function uploaded({ machine }: Gpu, view: HostView): View<GpuBuffer> {
  return { ...view, buffer: machine.over(view.dtype, view.buffer.slice()) };
}

onGpu('rows', (gpu) => {
  test('are gathered; a negative index gives zeros', () => {
    fc.assert(
      fc.property(extent, widths, count, seeds, (rows, width, n, seed) => {
        const out = resultOf([n, width], 'float32');
        gpu.expectParity('gatherRows', [numbers([rows, width], seed), places([n], rows, seed), out], exact);
      }),
      runs,
    );
  });

  test('are scattered, the last one to a place; negative indices are passed over', () => {
    fc.assert(
      fc.property(extent, widths, count, seeds, (rows, width, n, seed) => {
        const [base, sent] = [numbers([rows, width], seed), numbers([n, width], seed + 1)];
        const out = resultOf([rows, width], 'float32');
        gpu.expectParity('scatterRows', [base, places([n], rows, seed), sent, out], exact);
      }),
      runs,
    );
  });

  test('are added up', () => {
    fc.assert(
      fc.property(extent, widths, count, seeds, (rows, width, n, seed) => {
        const [index, sent] = [places([n], rows, seed), plain([n, width], seed)];
        const out = resultOf([rows, width], 'float32');
        gpu.expectParity('scatterAddRows', [index, sent, out], boundOfRows(index, sent, out.shape));
      }),
      runs,
    );
  });

  test('that are not finite stay where they are sent', () => {
    fc.assert(
      fc.property(widths, seeds, (width, seed) => {
        const [index, sent] = [places([6], 40, seed), numbers([6, width], seed)];
        const out = resultOf([40, width], 'float32');
        gpu.expectParity('scatterAddRows', [index, sent, out], { relative: 2e-6, absolute: 1 });
      }),
      runs,
    );
  });

  test.each([4, 65])('of %d numbers, thousands to one place, and most places without any', (width) => {
    const index = places([5000], 2000, 8);
    for (let i = 0; i < 5000; i++) if (i % 3 > 0) index.buffer[index.offset + i] = 11;
    const sent = plain([5000, width], 9);
    const out = resultOf([2000, width], 'float32');
    gpu.expectParity('scatterAddRows', [index, sent, out], boundOfRows(index, sent, out.shape));
    gpu.expectParity(
      'gatherRows',
      [plain([2000, width], 4), index, resultOf([5000, width], 'float32')],
      exact,
    );
    gpu.expectParity('scatterRows', [plain([2000, width], 4), index, sent, out], exact);
  });

  test('are added up without a loss that grows with their count', () => {
    const [index, sent] = [places([MANY], 1, 1, 0), packedView([MANY, 1], 0, () => LOSSY)];
    const out = resultOf([1, 1], 'float32');
    gpu.expectParity('scatterAddRows', [index, sent, out], boundOfRows(index, sent, out.shape));
  });

  test('come from none, go to none', () => {
    const none = places([4], 0, 1);
    gpu.expectParity('gatherRows', [numbers([0, 4], 0), none, resultOf([4, 4], 'float32')], exact);
    gpu.expectParity(
      'gatherRows',
      [numbers([3, 4], 0), places([0], 3, 1), resultOf([0, 4], 'float32')],
      exact,
    );
    const nothing: HostView = { ...none, buffer: new Int32Array(0), shape: [0], offset: 0 };
    const rows: HostView = { ...resultOf([0, 4], 'float32') };
    gpu.expectParity('scatterRows', [numbers([3, 4], 4), nothing, rows, resultOf([3, 4], 'float32')], exact);
    gpu.expectParity('scatterAddRows', [nothing, rows, resultOf([3, 4], 'float32')], exact);
  });

  test('of truth values are moved on the GPU, those of whole numbers on the host', () => {
    const x = { ...resultOf([3, 5], 'bool'), buffer: Uint8Array.from({ length: 15 }, (_, i) => i % 2) };
    const index = places([7], 3, 5);
    gpu.expectParity('gatherRows', [x, index, resultOf([7, 5], 'bool')], exact);
    const whole = {
      ...resultOf([3, 5], 'int32'),
      buffer: Int32Array.from({ length: 15 }, (_, i) => 2 ** 30 + i),
    };
    const out = resultOf([1, 5], 'int32');
    const [found] = gpu.run('gatherRows', [whole, { ...places([1], 3, 6, 2), offset: 0 }, out], [out]);
    expect(found[4]).toBe(2 ** 30 + 14);
  });

  test('ask for no new kernel and nothing back when their count changes, or their width', () => {
    const { machine } = gpu;
    const move = (rows: number, n: number, width: number): void => {
      const [x, y] = [uploaded(gpu, numbers([rows, width], 0)), uploaded(gpu, numbers([n, width], 0))];
      const [index, out, picked] = [
        uploaded(gpu, places([n], rows, 3)),
        uploaded(gpu, resultOf([rows, width], 'float32')),
        uploaded(gpu, resultOf([n, width], 'float32')),
      ];
      gpu.kernels.gatherRows(x, index, picked);
      gpu.kernels.scatterRows(x, index, y, out);
      gpu.kernels.scatterAddRows(index, y, out);
      for (const { buffer } of [x, y, index, out, picked]) machine.release(buffer);
    };
    move(9, 5, 8);
    const { compiled, readbacks } = machine.counters;
    for (let n = 1; n < 40; n += 7) move(41 - n, n, 8 + 4 * n);
    expect(machine.counters).toMatchObject({ compiled, readbacks });
  });
});

onGpu('the last axis', (gpu) => {
  test('gives numbers', () => {
    fc.assert(
      fc.property(extent, widths, extent, seeds, (rows, width, n, seed) => {
        const [x, index] = [numbers([rows, width], seed), places([rows, n], width, seed, 0)];
        gpu.expectParity('gather', [x, index, resultOf([rows, n], 'float32')], exact);
      }),
      runs,
    );
  });

  test('takes numbers, as many to one place as there are', () => {
    fc.assert(
      fc.property(extent, widths, count, seeds, (rows, width, n, seed) => {
        const [x, sent] = [plain([rows, width], seed), plain([rows, n], seed + 1)];
        const index = places([rows, n], width, seed, 0);
        const out = resultOf([rows, width], 'float32');
        gpu.expectParity('scatterAdd', [x, index, sent, out], boundOfPlaces(x, index, sent));
      }),
      runs,
    );
  });

  test('takes many without a loss that grows with their count', () => {
    const [x, sent] = [plain([1, 3], 1), packedView([1, MANY], 0, () => LOSSY)];
    const index = places([1, MANY], 3, 3, 2);
    const out = resultOf([1, 3], 'float32');
    gpu.expectParity('scatterAdd', [x, index, sent, out], boundOfPlaces(x, index, sent));
  });

  test.each([4, 5])('of %d keeps what is not finite where it is sent', (width) => {
    const [x, sent] = [plain([40, width], 1), numbers([40, 1], 2)];
    const out = resultOf([40, width], 'float32');
    gpu.expectParity('scatterAdd', [x, places([40, 1], width, 3, 0), sent, out], {
      relative: 2e-6,
      absolute: 1,
    });
  });
});

onGpu('copyInto', (gpu) => {
  /** A part of a buffer of 77s. */
  const part = (
    length: number,
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    dtype: 'float32' | 'int32' = 'float32',
  ): HostView => ({ ...resultOf([length], dtype), shape, strides, offset });

  test.each([
    ['a single number', part(7, [], [], 5)],
    ['nothing', part(7, [2, 0, 2], [1, 1, 1], 0)],
    ['all there is', part(24, [6, 4], [4, 1], 0)],
    ['a stretch', part(50, [17], [1], 9)],
    ['a stretch of texels', part(50, [16], [1], 8)],
    ['columns on the left', part(44, [4, 5], [11, 1], 0)],
    ['columns on the right', part(44, [4, 6], [11, 1], 5)],
    ['columns of texels', part(5 * 24, [5, 8], [24, 1], 12)],
    ['rows of a matrix in each of several', part(2 * 9 * 8, [2, 3, 8], [72, 8, 1], 40)],
    ['every other row, and every third number of it', part(5 * 10, [2, 3], [20, 3], 12)],
    ['a transposed matrix', part(40, [8, 4], [1, 8], 4)],
    ['transposed rows of texels', part(2 * 3 * 8 + 4, [2, 3, 8], [8, 16, 1], 4)],
    ['axes in any order, with gaps', part(2 + 24 * 8, [3, 2, 4, 2], [6, 96, 24, 3], 2)],
    ['more than one row of texels', part(9000, [3, 2800], [3000, 1], 100)],
  ])('fills %s and nothing beside it', (_, target) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        gpu.expectParity('copyInto', [numbers(target.shape, seed), target], exact);
      }),
      { numRuns: 10 },
    );
  });

  test('leaves to the host what lies over itself or between its own numbers, and whole numbers', () => {
    const [source, whole] = [
      plain([2, 3], 1),
      { ...resultOf([2], 'int32'), buffer: Int32Array.of(2 ** 30 + 1, 6) },
    ];
    const [over, between] = [part(9, [2, 3], [0, 1], 1), part(9, [2, 3], [3, 2], 0)];
    const numbers = part(9, [2], [3], 1, 'int32');
    for (const [from, target] of [
      [source, over],
      [source, between],
      [whole, numbers],
    ]) {
      const [found] = gpu.run('copyInto', [from, target], [target]);
      reference.copyInto(from, target);
      expect(found).toEqual(target.buffer);
    }
  });

  test('fills caches token by token with one kernel and one texture more', () => {
    const { machine, kernels } = gpu;
    const width = 16;
    const fill = (capacity: number, lengths: readonly number[]): void => {
      const cache = uploaded(gpu, resultOf([2, 3, capacity, width], 'float32'));
      const expected = resultOf([2, 3, capacity, width], 'float32');
      let start = 0;
      for (const tokens of lengths) {
        const source = numbers([2, 3, tokens, width], start, 0);
        const place = { shape: source.shape, strides: expected.strides, offset: start * width };
        const sent = uploaded(gpu, source);
        kernels.copyInto(sent, { ...cache, ...place });
        reference.copyInto(source, { ...expected, ...place });
        machine.release(sent.buffer);
        start += tokens;
      }
      expect(machine.host(cache.buffer)).toEqual(expected.buffer);
      machine.release(cache.buffer);
    };
    fill(100, [7, 1]);
    const { compiled, readbacks, textures } = machine.counters;
    fill(110, [3, ...new Array(100).fill(1), 2]);
    expect(machine.counters).toMatchObject({ compiled, readbacks: readbacks + 1 });
    expect(machine.counters.textures).toBeLessThanOrEqual(textures + 1);
  });
});
