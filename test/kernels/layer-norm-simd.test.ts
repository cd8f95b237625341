/** Layer normalisation in WebAssembly against the float64 reference, around the edges of vectors, groups and parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simdLayerNorm } from '../../kernels/layer-norm/simd.ts';
import { Random } from '../../src/index.ts';
import {
  type Accuracy,
  expectLayerNorm,
  expectLayerNormBackward,
  type Inputs,
  ROUNDING,
} from './layer-norm-bounds.ts';
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

function inputs(rows: number, columns: number, random: Random, draw: (position: number) => number): Inputs {
  const normal = (): number => random.normal();
  const x = packedView([rows, columns], random.int(4), draw);
  const g = packedView([rows, columns], random.int(4), normal);
  const [weight, bias] = [0, 1].map(() => packedView([columns], random.int(4), normal));
  return { g, x, weight, bias, epsilon: 1e-5 };
}

/** A mean is kept as the sum of two float32: this is what it may be off by, of its own size. */
const MEAN = 2 ** -47;

const accuracy: Accuracy = {
  distance: (values, i, mean) => Math.abs(values[i] - mean) + (MEAN / ROUNDING) * Math.abs(mean),
  biasRoundings: 4,
  tiny: 1e-40,
};

describe.each([
  ['layerNorm', expectLayerNorm],
  ['layerNormBackward', expectLayerNormBackward],
])('%s', (_, expectWithin) => {
  const expectSame = (given: Inputs): void => expectWithin(expectParity, accuracy, given);

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
