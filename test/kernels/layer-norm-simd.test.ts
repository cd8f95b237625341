/** Layer normalisation in WebAssembly against the float64 reference, around the edges of vectors, groups and parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simdLayerNorm } from '../../kernels/layer-norm/simd.ts';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { watch } from './machines.ts';
import { packedView, resultOf } from './views.ts';

const { expectParity } = watch(simdLayerNorm);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const extents = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 31, 32, 33, 65));
const cases = fc.record({
  rows: extents,
  columns: extents,
  offset: fc.integer({ min: 0, max: 3 }),
  scale: fc.constantFrom(1e-6, 1, 1e15),
  shift: fc.constantFrom(0, 1e4, -1e4),
  epsilon: fc.constantFrom(1e-5, 0.1),
  seed: fc.nat(),
});

interface Inputs {
  readonly g: HostView;
  readonly x: HostView;
  readonly weight: HostView;
  readonly bias: HostView;
  readonly epsilon: number;
}

function inputs(rows: number, columns: number, random: Random, draw: (position: number) => number): Inputs {
  const normal = (): number => random.normal();
  const x = packedView([rows, columns], random.int(4), draw);
  const g = packedView([rows, columns], random.int(4), normal);
  const [weight, bias] = [0, 1].map(() => packedView([columns], random.int(4), normal));
  return { g, x, weight, bias, epsilon: 1e-5 };
}

/** Half the distance from 1 to the next float32. */
const ROUNDING = 2 ** -24;
/** A mean is kept as the sum of two float32: this is what it may be off by, of its own size. */
const MEAN = 2 ** -47;

/** The sizes that roundings are taken of, all in float64: |x̂| (with the mean's error in it), rstd and h = |g w|. */
function sizesOf({ g, x, weight, epsilon }: Inputs): Record<'normal' | 'rstd' | 'h' | 'hNormal', number[]> {
  const [rows, columns] = x.shape;
  const [normal, rstd, h, hNormal]: number[][] = [[], [], [], []];
  for (let row = 0; row < rows; row++) {
    const places = Array.from({ length: columns }, (_, i) => row * columns + i);
    const values = places.map((at) => x.buffer[x.offset + at]);
    const mean = values.reduce((sum, value) => sum + value, 0) / columns;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns;
    const scale = 1 / Math.sqrt(variance + epsilon);
    let [sumH, sumHNormal] = [0, 0];
    places.forEach((at, i) => {
      normal[at] = (Math.abs(values[i] - mean) + (MEAN / ROUNDING) * Math.abs(mean)) * scale;
      rstd[at] = scale;
      h[at] = Math.abs(g.buffer[g.offset + at] * weight.buffer[weight.offset + i]);
      sumH += h[at];
      sumHNormal += h[at] * normal[at];
    });
    for (const at of places) {
      h[at] += sumH / columns;
      hNormal[at] = sumHNormal / columns;
    }
  }
  return { normal, rstd, h, hNormal };
}

/** Eight roundings of x̂ w, and two of the bias. */
function expectLayerNorm(given: Inputs): void {
  const { x, weight, bias, epsilon } = given;
  const [, columns] = x.shape;
  const { normal } = sizesOf(given);
  expectParity('layerNorm', [x, weight, bias, epsilon, resultOf(x.shape, 'float32')], {
    slack: (_, at) => {
      const [w, b] = [weight, bias].map(({ buffer, offset }) => Math.abs(buffer[offset + (at % columns)]));
      return 1e-40 + ROUNDING * (8 * w * normal[at] + 2 * b);
    },
  });
}

/** Ten roundings of the terms of dx; of dWeight's ten, and of dBias's four, however many rows they are summed over. */
function expectLayerNormBackward(given: Inputs): void {
  const { g, x, weight, epsilon } = given;
  const [rows, columns] = x.shape;
  const [dx, dWeight, dBias] = [x.shape, [columns], [columns]].map((shape) => resultOf(shape, 'float32'));
  const { normal, rstd, h, hNormal } = sizesOf(given);
  const columnSum = (column: number, term: (at: number) => number): number => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += Math.abs(term(row * columns + column));
    return sum;
  };
  expectParity('layerNormBackward', [g, x, weight, epsilon, dx, dWeight, dBias], {
    results: [dx, dWeight, dBias],
    slack: (_, at, result) => {
      if (result === dx) return 1e-40 + 10 * ROUNDING * rstd[at] * (h[at] + normal[at] * hNormal[at]);
      const gs = (place: number): number => g.buffer[g.offset + place];
      if (result === dBias) return 1e-44 + 4 * ROUNDING * columnSum(at, gs);
      return 1e-40 + 10 * ROUNDING * columnSum(at, (place) => gs(place) * normal[place]);
    },
  });
}

describe.each([
  ['layerNorm', expectLayerNorm],
  ['layerNormBackward', expectLayerNormBackward],
])('%s', (_, expectSame) => {
  test('is that of the reference for rows of any length, spread and distance from 0', () => {
    fc.assert(
      fc.property(cases, ({ rows, columns, scale, shift, epsilon, seed }) => {
        const random = new Random(seed);
        const given = inputs(rows, columns, random, () => shift + scale * random.normal());
        expectSame({ ...given, epsilon });
      }),
      { numRuns: 150 },
    );
  });

  test('of many rows, and of long ones, is cut into parts', () => {
    for (const [rows, columns] of [[1500, 40], [70, 1000], [9, 5000], [3000, 3], [1, 3000], [5000, 1]]) {
      const random = new Random(rows);
      expectSame(inputs(rows, columns, random, () => random.normal()));
    } // biome-ignore format: a list of shapes
  });

  test('keeps NaN and infinities to the rows and columns that they stand in', () => {
    for (const columns of [1, 3, 4, 5, 8, 11]) {
      for (const special of [nan, inf, -inf]) {
        for (const name of ['x', 'g', 'weight', 'bias'] as const) {
          const random = new Random(columns);
          const given = inputs(7, columns, random, () => random.normal());
          const { buffer, offset } = given[name];
          buffer[offset + random.int(columns)] = special;
          expectSame(given);
        }
      }
    }
  });

  test('takes equal, tiny and negative zero elements', () => {
    for (const value of [0, -0, 0.1, -1e4, 1e-40, 3e30]) {
      expectSame(inputs(5, 7, new Random(1), () => value));
      expectSame(inputs(5, 7, new Random(1), (i) => (i % 3 === 0 ? value : -value)));
    }
  });
});

test('a constant row has no deviation: what is left is the bias', () => {
  const columns = 37;
  const { weight, bias, epsilon } = inputs(1, columns, new Random(2), () => 0);
  const x = packedView([4, columns], 0, (i) => [0.1, -1e4, 1234.567, 3e30][Math.floor(i / columns)]);
  const out = resultOf(x.shape, 'float32');
  const [found] = expectParity('layerNorm', [x, weight, bias, epsilon, out], { absolute: 1e-40 });
  const biases = Array.from(bias.buffer.subarray(bias.offset, bias.offset + columns));
  expect(Array.from(found)).toEqual([...biases, ...biases, ...biases, ...biases]);
});
