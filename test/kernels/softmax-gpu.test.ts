/** Softmax in GLSL against the float64 reference, around the edges of texels, blocks and short rows. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kernelFamily } from '../../kernels/glsl/kernel.ts';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { onGpu } from './gpu-parity.ts';
import { packedView, resultOf } from './views.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Every length is compiled, for offsets that are multiples of 4 and for others. */
const lengths = [1, 2, 3, 4, 7, 64, 65, 255, 256, 1000, 1024, 1025, 5000];
const gradientLengths = [1, 3, 4, 7, 64, 65, 1000, 1025, 5000];
const cases = fc.record({
  rows: fc.constantFrom(1, 2, 5, 13),
  offset: fc.constantFrom(0, 4, 1, 2, 3),
  spread: fc.constantFrom(0, 1, 30, 1e4),
  shift: fc.constantFrom(0, 1e4, -1e4),
  seed: fc.nat(),
});

/** Half the distance from 1 to the next float32. */
const ROUNDING = 2 ** -24;

onGpu('softmax', (gpu) => {
  const { expectParity } = gpu;

  /** The bounds that the kernel states. */
  function expectSoftmax(x: HostView): void {
    const out = resultOf(x.shape, 'float32');
    const logarithm = Math.log(x.shape[x.shape.length - 1]);
    expectParity('softmax', [x, false, out], {
      slack: (y) => 1.5e-38 + y * (4e-7 + ROUNDING * (logarithm - Math.log(Math.max(y, 1e-45)))),
    });
    expectParity('softmax', [x, true, out], {
      slack: (y) => 4e-7 + 3e-7 * Math.abs(y) + ROUNDING * logarithm,
    });
  }

  function expectSoftmaxBackward(g: HostView, y: HostView): void {
    const columns = y.shape[y.shape.length - 1];
    const out = resultOf(y.shape, 'float32');
    const [gs, ys] = [g, y].map((x) => x.buffer.subarray(x.offset));
    const rowSums = (term: (i: number) => number): number[] =>
      Array.from({ length: y.shape[0] }, (_, row) => {
        let sum = 0;
        for (let i = row * columns; i < (row + 1) * columns; i++) sum += Math.abs(term(i));
        return sum;
      });
    const [products, sums] = [rowSums((i) => gs[i] * ys[i]), rowSums((i) => gs[i])];
    expectParity('softmaxBackward', [g, y, false, out], {
      slack: (_, at) =>
        1e-37 + 6 * ROUNDING * Math.abs(ys[at]) * (Math.abs(gs[at]) + products[Math.floor(at / columns)]),
    });
    expectParity('softmaxBackward', [g, y, true, out], {
      slack: (_, at) =>
        1e-37 + 2 * ROUNDING * Math.abs(gs[at]) + 5e-7 * Math.exp(ys[at]) * sums[Math.floor(at / columns)],
    });
  }

  test.each(lengths)(
    'in rows of %i is that of the reference wherever they begin, and however far they reach',
    (columns) => {
      fc.assert(
        fc.property(cases, ({ rows, offset, spread, shift, seed }) => {
          const random = new Random(seed);
          expectSoftmax(packedView([rows, columns], offset, () => shift + spread * random.normal()));
        }),
        { numRuns: 6 },
      );
    },
  );

  test.each(gradientLengths)('in rows of %i has the gradient of the reference', (columns) => {
    fc.assert(
      fc.property(cases, ({ rows, offset, spread, seed }) => {
        const random = new Random(seed);
        const g = packedView([rows, columns], offset, () => (spread || 1e-6) * random.normal());
        const y = packedView([rows, columns], (offset + (seed % 2)) % 5, () => -Math.abs(random.normal()));
        expectSoftmaxBackward(g, y);
      }),
      { numRuns: 6 },
    );
  });

  test('keeps NaN, infinities, masked and tiny scores to their row', () => {
    const special = fc.constantFrom(nan, inf, -inf, -inf, 0, -0, 1e-40, 3e38, -3e38, 88, -88, 1);
    const values = fc.array(special, { minLength: 9, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.constantFrom(1, 2, 3, 4, 7, 9), (values, columns) => {
        expectSoftmax(packedView([Math.floor(values.length / columns), columns], 1, (i) => values[i]));
      }),
      { numRuns: 80 },
    );
  });

  test('takes blocks that are masked out as a whole, and rows of them', () => {
    const masked = [[0, 300], [700, 1025], [0, 1025], [1, 1025], [0, 1024]];
    expectSoftmax(
      packedView([masked.length, 1025], 0, (position) => {
        const [from, to] = masked[Math.floor(position / 1025)];
        const column = position % 1025;
        return column >= from && column < to ? -inf : Math.sin(position);
      }),
    );
  }); // biome-ignore format: a list of ranges

  test('gradients keep NaN and infinities to their row', () => {
    const random = new Random(5);
    const specials = [nan, inf, -inf, -0, 1e-40];
    for (const columns of [1, 3, 4, 7, 9]) {
      const g = packedView([12, columns], 0, (i) => (i % 7 === 3 ? specials[random.int(5)] : random.normal()));
      const y = packedView([12, columns], 0, (i) => (i % 11 === 5 ? [nan, -inf, -0][random.int(3)] : -random.uniform()));
      expectSoftmaxBackward(g, y);
    } // biome-ignore format: a view a line
  });

  test('of a vocabulary', () => {
    const random = new Random(6);
    expectSoftmax(packedView([3, 50_257], 0, () => 3 * random.normal()));
  });

  test('compiles nothing for another number of rows, and reads nothing back', () => {
    const { machine, kernels } = gpu;
    const work = (rows: number): void => {
      for (const columns of [1, 2, 64, 1025]) {
        const x = packedView([rows, columns], 0, (i) => -i);
        const [input, out] = [x, resultOf(x.shape, 'float32')].map((view) => ({
          ...view,
          buffer: machine.over(view.dtype, view.buffer),
        }));
        for (const log of [false, true]) {
          kernels.softmax(input, log, out);
          kernels.softmaxBackward(input, input, log, out);
        }
        for (const { buffer } of [input, out]) machine.release(buffer);
      }
    };
    work(3);
    const { compiled, readbacks } = machine.counters;
    for (const rows of [1, 4, 70, 300]) work(rows);
    expect(machine.counters).toMatchObject({ compiled, readbacks });
  });

  test('of no rows, and of empty ones, is empty', () => {
    for (const shape of [[0, 64], [0, 2], [5, 0]]) {
      const [x, out] = [packedView(shape, 0, () => 1), resultOf(shape, 'float32')];
      expect(expectParity('softmax', [x, false, out], {})[0]).toHaveLength(0);
      expect(expectParity('softmaxBackward', [x, x, true, out], {})[0]).toHaveLength(0);
    } // biome-ignore format: a list of shapes
  });

  test('exponentials and logarithms are as accurate as they claim', () => {
    const powersAndLogs = kernelFamily('test of exponentials', (name: string) => ({
      textures: ['x'],
      numbers: [],
      code: `vec4 texel(float t) { return ${name}(x_texel(t)); }`,
    }));
    const { machine } = gpu;
    const random = new Random(7);
    const count = 100_000;
    const of = (name: string, x: Float32Array): Float32Array => {
      const [from, to] = [machine.over('float32', x), machine.allocate('float32', x.length)];
      machine.run(powersAndLogs(name), [from], [], to);
      const found = machine.host(to) as Float32Array;
      for (const buffer of [from, to]) machine.release(buffer);
      return found;
    };
    const worst = (errors: Float32Array): number => errors.reduce((most, error) => Math.max(most, error));

    const last = [0, -0, -87.41, -88, -1e4, -3e38, -inf, nan];
    expect(Array.from(of('expOf', Float32Array.from(last)))).toEqual([1, 1, 0, 0, 0, 0, 0, nan]);
    // Half of them near 0, where most scores are; down to where the result is still a normal number.
    const x = Float32Array.from({ length: count }, (_, i) => -random.uniform() * (i % 2 ? 2 : 87.3));
    const powers = of('expOf', x);
    expect(worst(powers.map((power, i) => Math.abs(power / Math.exp(x[i]) - 1)))).toBeLessThan(2e-7);

    const s = Float32Array.from({ length: count }, (_, i) => 2 ** (random.uniform() * (i % 2 ? 2 : 20)));
    const logs = of('logOf', s);
    const excess = logs.map((log, i) => Math.abs(log - Math.log(s[i])) - 7e-8 * Math.log(s[i]));
    expect(worst(excess)).toBeLessThan(1e-7);
  });
});
