/** Layer normalisation in GLSL against the float64 reference, around the edges of texels, blocks of columns and of rows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/index.ts';
import { onGpu } from './gpu-parity.ts';
import { type Accuracy, expectLayerNorm, expectLayerNormBackward, type Inputs } from './layer-norm-bounds.ts';
import { packedView, resultOf } from './views.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Every length is compiled, for offsets that are multiples of 4 and for others. */
const lengths = [1, 2, 3, 4, 7, 64, 65, 255, 1000, 1025, 5000];
const cases = fc.record({
  rows: fc.constantFrom(1, 2, 5, 70),
  aligned: fc.boolean(),
  scale: fc.constantFrom(1e-6, 1, 1e15),
  shift: fc.constantFrom(0, 1e4, -1e4),
  epsilon: fc.constantFrom(1e-5, 0.1),
  seed: fc.nat(),
});

function inputs(
  rows: number,
  columns: number,
  random: Random,
  draw: (position: number) => number,
  aligned = true,
): Inputs {
  const normal = (): number => random.normal();
  const offset = (): number => (aligned ? 4 * random.int(2) : random.int(4));
  const x = packedView([rows, columns], offset(), draw);
  const g = packedView([rows, columns], offset(), normal);
  const [weight, bias] = [0, 1].map(() => packedView([columns], offset(), normal));
  return { g, x, weight, bias, epsilon: 1e-5 };
}

/** Rows are measured from their first element, so its distance counts too; and the spread, by which blocks are merged. */
const accuracy: Accuracy = {
  distance: (values, i, mean, variance) =>
    Math.abs(values[i] - mean) + Math.abs(values[0] - mean) + Math.sqrt(variance),
  biasRoundings: 8,
  tiny: 1e-36,
};

onGpu('layer normalisation', (gpu) => {
  const { expectParity } = gpu;

  describe.each([
    ['layerNorm', expectLayerNorm],
    ['layerNormBackward', expectLayerNormBackward],
  ])('%s', (_, expectWithin) => {
    const expectSame = (given: Inputs): void => expectWithin(expectParity, accuracy, given);

    test.each(lengths)(
      'is that of the reference in rows of %i, of any spread and distance from 0',
      (columns) => {
        fc.assert(
          fc.property(cases, ({ rows, aligned, scale, shift, epsilon, seed }) => {
            const random = new Random(seed);
            const given = inputs(rows, columns, random, () => shift + scale * random.normal(), aligned);
            expectSame({ ...given, epsilon });
          }),
          { numRuns: 5 },
        );
      },
    );

    test('of many rows is added up in passes', () => {
      for (const rows of [64, 65, 4097]) {
        const random = new Random(rows);
        for (const columns of [3, 4]) expectSame(inputs(rows, columns, random, () => random.normal()));
      }
    });

    test('keeps NaN and infinities to the rows and columns that they stand in', () => {
      for (const columns of [1, 3, 4, 7]) {
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

    test('takes equal, tiny and negative zero elements, and rows with an outlier in front', () => {
      for (const value of [0, -0, 0.1, -1e4, 1e-40, 1e15]) {
        expectSame(inputs(5, 7, new Random(1), () => value));
        expectSame(inputs(5, 7, new Random(1), (i) => (i % 3 === 0 ? value : -value)));
      }
      const random = new Random(2);
      expectSame(inputs(5, 1025, random, (i) => (i % 1025 === 0 ? 1e4 : random.normal())));
    });
  });

  test('a constant row has no deviation: what is left is the bias', () => {
    const columns = 65;
    const { weight, bias, epsilon } = inputs(1, columns, new Random(2), () => 0);
    const x = packedView([4, columns], 0, (i) => [0.1, -1e4, 1234.567, 3e30][Math.floor(i / columns)]);
    const out = resultOf(x.shape, 'float32');
    const [found] = expectParity('layerNorm', [x, weight, bias, epsilon, out], { absolute: 1e-40 });
    const biases = Array.from(bias.buffer.subarray(bias.offset, bias.offset + columns));
    expect(Array.from(found)).toEqual([...biases, ...biases, ...biases, ...biases]);
  });

  test('the gradients of no rows are 0', () => {
    const { g, x, weight, epsilon } = inputs(0, 7, new Random(3), () => 0);
    const [dx, dWeight, dBias] = [[0, 7], [7], [7]].map((shape) => resultOf(shape, 'float32'));
    const results = [dx, dWeight, dBias];
    const found = expectParity('layerNormBackward', [g, x, weight, epsilon, ...results], { results });
    expect(found.map((array) => Array.from(array))).toEqual([[], Array(7).fill(0), Array(7).fill(0)]);
    const out = resultOf([0, 7], 'float32');
    expect(expectParity('layerNorm', [x, weight, weight, epsilon, out], {})[0]).toHaveLength(0);
  });

  test('compiles nothing for another number of rows, and reads nothing back', () => {
    const { machine, kernels } = gpu;
    const work = (rows: number): void => {
      for (const columns of [3, 64]) {
        const { x, weight, bias } = inputs(rows, columns, new Random(rows), (i) => i);
        const others = [x.shape, [columns], [columns]].map((shape) => resultOf(shape, 'float32'));
        const [x0, weight0, bias0, out, dWeight, dBias] = [x, weight, bias, ...others].map((view) => ({
          ...view,
          offset: 0,
          buffer: machine.over(view.dtype, view.buffer),
        }));
        kernels.layerNorm(x0, weight0, bias0, rows / 1e5, out);
        kernels.layerNormBackward(x0, x0, weight0, rows / 1e5, out, dWeight, dBias);
        for (const { buffer } of [x0, weight0, bias0, out, dWeight, dBias]) machine.release(buffer);
      }
    };
    work(4100);
    const { compiled, readbacks } = machine.counters;
    for (const rows of [1, 4, 64, 65, 300]) work(rows);
    expect(machine.counters).toMatchObject({ compiled, readbacks });
  });
});
