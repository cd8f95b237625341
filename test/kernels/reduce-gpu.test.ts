/** Reductions on the GPU against the float64 reference: any axes, any strides, passes and their edges. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Reduction } from '../../kernels/contract.ts';
import { type HostView, sizeOf } from '../../kernels/strides.ts';
import { onGpu } from './gpu-parity.ts';
import { elementAt, indices, type Layout, packedView, place, resultOf, viewOf } from './views.ts';

const kinds = fc.constantFrom<Reduction[]>('sum', 'prod', 'max', 'min');
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const plain: Layout = { order: [4, 3, 2, 1, 0], gaps: [1, 1, 1, 1, 1], stretched: [false, false, false, false, false], offset: 0, seed: 5 }; // biome-ignore format: a layout

/** Roundings of a sum of n, one by one or four to a step: in p passes over chunks of c, at most p (c + 1). */
function roundings(n: number): number {
  const ofSteps = (steps: number): number => {
    const passes = Math.max(1, Math.ceil(Math.log(steps) / Math.log(128) - 1e-9));
    return passes * (Math.ceil(steps ** (1 / passes) - 1e-9) + 1);
  };
  return Math.max(ofSteps(n), ofSteps(Math.ceil(n / 4)));
}

/** Numbers over many magnitudes, so that errors which grow with the largest show. */
function spread(x: HostView): HostView {
  x.buffer.forEach((value, i) => {
    x.buffer[i] = value * 2 ** ((i * 7) % 23);
  });
  return x;
}

function reducedShape(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

onGpu('reductions', (gpu) => {
  function expectReduction(kind: Reduction, x: HostView, axes: readonly number[]): Float32Array {
    const out = resultOf(reducedShape(x.shape, axes), 'float32');
    const n = sizeOf(x.shape) / Math.max(1, sizeOf(out.shape));
    const magnitudes = new Float64Array(sizeOf(out.shape));
    for (const index of kind === 'sum' ? indices(x.shape) : []) {
      const result = index.map((i, axis) => (axes.includes(axis) ? 0 : i));
      magnitudes[place(out, result)] += Math.abs(elementAt(x, index));
    }
    const slack = (value: number, at: number): number => {
      if (kind === 'sum') return roundings(n) * 2 ** -24 * magnitudes[at];
      return kind === 'prod' ? n * 2 ** -24 * Math.abs(value) + 2 ** -126 : 0;
    };
    const [found] = gpu.expectParity('reduce', [kind, x, axes, out], { slack });
    return found as Float32Array;
  }

  const shapes = fc.constantFrom(
    ...[
      [],
      [1],
      [7],
      [8],
      [3, 4],
      [4, 3],
      [5, 8],
      [2, 3, 4],
      [4, 2, 8],
      [3, 2, 5],
      [2, 3, 4, 5],
      [2, 4, 1, 4],
    ],
  );
  const someLayouts = fc.constantFrom<Layout[]>(
    plain,
    { ...plain, offset: 4, seed: 6 },
    { ...plain, offset: 3 },
    { ...plain, order: [1, 0, 3, 2, 4] },
    { ...plain, gaps: [1, 2, 1, 3, 1] },
    { ...plain, stretched: [true, false, false, true, false] },
    { ...plain, stretched: [false, true, false, false, false], offset: 1 },
  );

  test('over any axes of any view are the reference’s', () => {
    fc.assert(
      fc.property(
        kinds,
        shapes,
        fc.subarray([0, 1, 2, 3]),
        someLayouts,
        fc.nat(),
        (kind, shape, chosen, layout, seed) => {
          const axes = chosen.filter((axis) => axis < shape.length);
          expectReduction(kind, viewOf(shape, { ...layout, seed }, 'float32'), axes);
        },
      ),
      { numRuns: 120 },
    );
  });

  test('know NaN and the infinities', () => {
    // No product of finite ones leaves float32: ∞ · 0 on the way would be NaN.
    const awkward = fc.shuffledSubarray([nan, inf, -inf, 0, -0, 1, -1], { minLength: 1 });
    const axes = fc.constantFrom([0], [1], [0, 1]);
    fc.assert(
      fc.property(kinds, shapes, axes, awkward, fc.nat({ max: 6 }), (kind, shape, chosen, values, step) => {
        const x = viewOf(shape, plain, 'float32');
        for (let i = 0; i < x.buffer.length; i += step + 1) x.buffer[i] = values[i % values.length];
        expectReduction(
          kind,
          x,
          chosen.filter((axis) => axis < shape.length),
        );
      }),
      { numRuns: 100 },
    );
  });

  const lengths = [127, 128, 129, 255, 256, 257, 511, 512, 513, 516, 1000, 1024, 1025, 4100, 16_384, 16_385];

  test.each(lengths)('of %d elements', (n) => {
    for (const [shape, axes] of [
      [[n], [0]],
      [[n, 3], [0]],
      [[n, 4], [0]],
      [[3, n], [1]],
    ]) {
      const x = spread(viewOf(shape, plain, 'float32'));
      for (const kind of ['sum', 'max', 'min'] as const) expectReduction(kind, x, axes);
      if (n > 1025) continue;
      // Products that float32 can hold.
      x.buffer.forEach((_, i) => { x.buffer[i] = 1 + Math.sin(i) / 4; }); // biome-ignore format: one line
      expectReduction('prod', x, axes);
    }
  });

  test.each<[string, number[], number[]]>([
    ['a bias gradient', [500, 120], [0]],
    ['few columns of many rows', [17_011, 2], [0]],
    ['rows', [700, 96], [1]],
    ['long rows', [3, 30_001], [1]],
    ['a batch of rows', [8, 70, 64], [0, 1]],
    ['a middle axis', [5, 200, 40], [1]],
    ['outer and inner axes', [30, 7, 200], [0, 2]],
  ])('of %s, in order, transposed and with gaps', (_, shape, axes) => {
    const [last, before] = [shape.length - 1, shape.length - 2];
    const order = [4, 3, 2, 1, 0].map((axis) => (axis === last ? before : axis === before ? last : axis));
    for (const layout of [plain, { ...plain, order }, { ...plain, gaps: [2, 2, 2, 2, 2] }]) {
      const x = spread(viewOf(shape, layout, 'float32'));
      expectReduction('sum', x, axes);
      expectReduction('max', x, axes);
    }
  });

  test('of 1,500,000 numbers are as near as is said, and count every one', () => {
    const n = 1_500_000;
    for (const offset of [0, 1]) {
      const out = resultOf([1], 'float32');
      const draw = (i: number): number => Math.sin(i) * 2 ** ((i * 7) % 23);
      let size = 0;
      for (let i = 0; i < n; i++) size += Math.abs(draw(i));
      const absolute = roundings(n) * 2 ** -24 * size;
      gpu.expectParity('reduce', ['sum', packedView([n], offset, draw), [0], out], { absolute });
      gpu.expectParity('reduce', ['sum', packedView([n], offset, () => 1), [0], out], {});
      gpu.expectParity('reduce', ['min', packedView([n], offset, (i) => -i), [0], out], {});
    }
  });

  test('of nothing are where they start', () => {
    for (const [kind, start] of [
      ['sum', 0],
      ['prod', 1],
      ['max', -inf],
      ['min', inf],
    ] as const) {
      const out = resultOf([3, 1], 'float32');
      const [found] = gpu.run('reduce', [kind, viewOf([3, 0], plain, 'float32'), [1], out], [out]);
      expect([...found]).toEqual([start, start, start]);
    }
  });

  test('of whole numbers are whole: extremes here, sums on the host', () => {
    const whole = {
      ...resultOf([2, 5], 'int32'),
      buffer: Int32Array.of(3, -7, 2 ** 24, 0, 9, -1, -2, -3, -4, -5),
    };
    const truths = { ...resultOf([2, 5], 'bool'), buffer: Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 0, 0, 0) };
    for (const kind of ['max', 'min'] as const) {
      gpu.expectParity('reduce', [kind, whole, [1], resultOf([2, 1], 'int32')], {});
      gpu.expectParity('reduce', [kind, truths, [1], resultOf([2, 1], 'bool')], {});
    }
    const out = resultOf([2, 1], 'int32');
    whole.buffer[2] = 2 ** 24 + 1;
    expect([...gpu.run('reduce', ['max', whole, [1], out], [out])[0]]).toEqual([2 ** 24 + 1, -1]);
    expect([...gpu.run('reduce', ['sum', whole, [1], out], [out])[0]]).toEqual([2 ** 24 + 6, -15]);
  });

  test('compile nothing new for other counts, and launch little', () => {
    const sums = (n: number): void => {
      for (const [shape, axes] of [
        [[n], [0]],
        [[n, 64], [0]],
        [[n, 50], [0]],
        [[n, 64], [1]],
        [
          [3, n, 8],
          [0, 1],
        ],
      ]) {
        expectReduction('sum', viewOf(shape, plain, 'float32'), axes);
      }
    };
    sums(301);
    const { compiled } = gpu.machine.counters;
    for (const n of [2, 100, 300, 1003]) sums(n);
    expect(gpu.machine.counters.compiled - compiled).toBe(0);

    const { launches } = gpu.machine.counters;
    expectReduction('sum', viewOf([16_384], plain, 'float32'), [0]);
    expect(gpu.machine.counters.launches - launches).toBe(2);
    expectReduction('sum', viewOf([512, 64], plain, 'float32'), [1]);
    expect(gpu.machine.counters.launches - launches).toBe(3);
  });
});
