/** Reductions in WebAssembly against the float64 reference: any axes, any strides, chunks and their edges. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LinearBuffer } from '../../kernels/assembler/machine.ts';
import type { Kernels, Reduction } from '../../kernels/contract.ts';
import { simdReduce } from '../../kernels/reduce/simd.ts';
import { type HostView, sizeOf } from '../../kernels/strides.ts';
import { CpuMachine } from '../../src/device/cpu-machine.ts';
import { watch } from './machines.ts';
import { elementAt, indices, layouts, place, resultOf, viewOf } from './views.ts';

const small = watch(simdReduce);
/** Apart, because watching takes longer the larger the memory is. */
const large = watch(simdReduce);
const kinds = fc.constantFrom<Reduction[]>('sum', 'prod', 'max', 'min');
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

function reducedShape(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

/**
 * One rounding to float32, half a unit of its last place (or of the least denormal's); before it n roundings in float64,
 * each below 2⁻⁵³ of Σ |x|. Products are made in reading order, as in the reference, and extremes not rounded at all.
 */
function expectReduction(
  kind: Reduction,
  x: HostView,
  axes: readonly number[],
  { expectParity } = small,
): Float32Array {
  const out = resultOf(reducedShape(x.shape, axes), 'float32');
  const n = sizeOf(x.shape) / Math.max(1, sizeOf(out.shape));
  const magnitudes = new Float64Array(sizeOf(out.shape));
  for (const index of indices(x.shape)) {
    const result = index.map((i, axis) => (axes.includes(axis) ? 0 : i));
    magnitudes[place(out, result)] += Math.abs(elementAt(x, index));
  }
  const slack = (value: number, at: number): number => {
    const rounding = Math.max(2 ** -24 * Math.abs(value), 2 ** -150);
    if (kind === 'sum') return rounding + 2 * n * 2 ** -53 * magnitudes[at];
    return kind === 'prod' ? rounding : 0;
  };
  const [found] = expectParity('reduce', [kind, x, axes, out], { slack });
  return found as Float32Array;
}

/** Puts numbers that kernels like to get wrong into a view, at some of its places. */
function sprinkle(view: HostView, values: readonly number[], step: number): void {
  let i = 0;
  for (const index of indices(view.shape)) {
    if (i % step === 0) view.buffer[place(view, index)] = values[(i / step) % values.length];
    i++;
  }
}

const extent = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 2, arbitrary: fc.constantFrom(1, 7, 8, 9, 15, 16, 17, 31, 32, 33) },
);
const shapes = fc.array(extent, { maxLength: 4 }).filter((shape) => sizeOf(shape) <= 20_000);
const contiguous = fc.record({
  order: fc.constant([4, 3, 2, 1, 0]),
  gaps: fc.constant([1, 1, 1, 1, 1]),
  stretched: fc.constant([false, false, false, false, false]),
  offset: fc.integer({ min: 0, max: 3 }),
  seed: fc.nat(),
});

describe('every reduction', () => {
  test('over any axes of any view is the reference’s', () => {
    const layout = fc.oneof(contiguous, layouts);
    fc.assert(
      fc.property(kinds, shapes, fc.subarray([0, 1, 2, 3]), layout, (kind, shape, chosen, layout) => {
        const axes = chosen.filter((axis) => axis < shape.length);
        expectReduction(kind, viewOf(shape, layout, 'float32'), axes);
      }),
      { numRuns: 300 },
    );
  });

  test('knows NaN, the infinities, zeros of either sign and denormals', () => {
    const awkward = fc.shuffledSubarray([nan, inf, -inf, 0, -0, 1e-45, -3e-39, 3e38, 1, -1], {
      minLength: 1,
    });
    const few = fc.array(fc.constantFrom(1, 2, 3, 4, 9, 17), { maxLength: 3 });
    fc.assert(
      fc.property(
        kinds,
        few,
        fc.subarray([0, 1, 2]),
        contiguous,
        awkward,
        fc.integer({ min: 1, max: 7 }),
        (kind, shape, chosen, layout, values, step) => {
          const x = viewOf(shape, layout, 'float32');
          sprinkle(x, values, step);
          expectReduction(
            kind,
            x,
            chosen.filter((axis) => axis < shape.length),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('large reductions, in parts and chunks', () => {
  const layout = { order: [4, 3, 2, 1, 0], gaps: [1, 1, 1, 1, 1], stretched: [false, false, false, false, false], offset: 1, seed: 5 }; // biome-ignore format: a plain layout
  test.each<[string, number[], number[]]>([
    ['a bias gradient', [1024, 200], [0]],
    ['few columns of many rows', [20_011, 2], [0]],
    ['columns that need chunks', [3001, 33], [0]],
    ['rows', [700, 90], [1]],
    ['long rows', [3, 30_001], [1]],
    ['everything', [50_003], [0]],
    ['everything of three axes', [11, 30, 170], [0, 1, 2]],
    ['a middle axis', [5, 400, 40], [1]],
    ['outer and inner axes', [30, 7, 200], [0, 2]],
  ])('%s', (_, shape, axes) => {
    const x = viewOf(shape, layout, 'float32');
    expectReduction('sum', x, axes, large);
    expectReduction('max', x, axes, large);
    expectReduction('min', x, axes, large);
    const [last, before] = [shape.length - 1, shape.length - 2];
    if (before < 0) return;
    const order = [4, 3, 2, 1, 0].map((axis) => (axis === last ? before : axis === before ? last : axis));
    const transposed = viewOf(shape, { ...layout, order }, 'float32');
    expectReduction('sum', transposed, axes, large);
    expectReduction('max', transposed, axes, large);
    const gaps = [2, 2, 2, 2, 2];
    expectReduction('sum', viewOf(shape, { ...layout, gaps }, 'float32'), axes, large);
  });

  test('run in parts', () => {
    const before = large.machines[1].launches;
    expectReduction('sum', viewOf([50_003], layout, 'float32'), [0], large);
    expect(large.machines[1].launches - before).toBe(2); // the chunks, and their sum
  });
});

test('a sum of float32 is rounded once', () => {
  const x = resultOf([4097], 'float32');
  x.buffer.fill(2 ** -24);
  x.buffer[0] = 1;
  expect(expectReduction('sum', x, [0])[0]).toBe(Math.fround(1 + 4096 * 2 ** -24));
});

test('a product is made in reading order: what overflows on the way does so here too', () => {
  const x = resultOf([40], 'float32');
  x.buffer.fill(1e30, 0, 20).fill(1e-30, 20);
  expect(expectReduction('prod', x, [0])[0]).toBe(Number.POSITIVE_INFINITY);
  x.buffer.forEach((_, i) => {
    x.buffer[i] = i % 2 === 0 ? 1e30 : 1e-30;
  });
  expect(expectReduction('prod', x, [0])[0]).toBeCloseTo(1, 5);
});

test('zeros keep the sign that Math.max, Math.min and products give them; sums begin at +0', () => {
  for (const length of [2, 5, 17, 40]) {
    const x = resultOf([length], 'float32');
    x.buffer.fill(-0);
    const all = (): number[] => [
      ...expectReduction('sum', x, [0]),
      ...expectReduction('prod', x, [0]),
      ...expectReduction('max', x, [0]),
      ...expectReduction('min', x, [0]),
    ];
    const product = length % 2 === 0 ? 0 : -0;
    expect(all()).toEqual([0, product, -0, -0]);
    x.buffer[length - 1] = 0;
    expect(all()).toEqual([0, -product, 0, -0]);
  }
});

test('a view of more elements than counts can hold is left to the reference', () => {
  const passedOn: string[] = [];
  const otherwise = {
    reduce: (kind: string) => void passedOn.push(kind),
  } as unknown as Kernels<LinearBuffer>;
  const { reduce } = simdReduce(
    new CpuMachine({ shared: false, wide: false, madd: false, threads: 1 }),
    otherwise,
  );
  const one = { buffer: { length: 1, dtype: 'float32' as const }, dtype: 'float32' as const, offset: 0 };
  reduce?.('sum', { ...one, shape: [2 ** 16, 2 ** 15], strides: [0, 0] }, [0, 1], {
    ...one,
    shape: [1, 1],
    strides: [0, 0],
  });
  expect(passedOn).toEqual(['sum']);
});
