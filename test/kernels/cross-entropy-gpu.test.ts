/** Cross-entropy in GLSL against the float64 reference, around the edges of texels, blocks and short rows. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { onGpu } from './gpu-parity.ts';
import { packedView, resultOf } from './views.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Half the distance from 1 to the next float32. */
const ROUNDING = 2 ** -24;

/** Every number of classes is compiled, for offsets that are multiples of 4 and for others. */
const classCounts = [1, 2, 3, 4, 7, 64, 65, 1000, 1025, 5000];
const cases = fc.record({
  rows: fc.constantFrom(1, 2, 5, 70),
  offset: fc.constantFrom(0, 4, 1, 2, 3),
  spread: fc.constantFrom(0, 1, 30),
  shift: fc.constantFrom(0, 1e4, -1e4),
  ignored: fc.constantFrom(0, 0.3, 0.9, 1),
  ignoreIndex: fc.constantFrom(-100, 0, 1, 2 ** 31 - 1),
  seed: fc.nat(),
});

/** Targets below `classes`, of which each is ignored with a probability. */
function targetsOf(
  rows: number,
  classes: number,
  offset: number,
  random: Random,
  ignored: number,
  ignoreIndex = -100,
): HostView {
  const buffer = new Int32Array(offset + rows + 3).fill(ignoreIndex);
  for (let i = 0; i < rows; i++) {
    buffer[offset + i] = random.uniform() < ignored ? ignoreIndex : random.int(classes);
  }
  return { buffer, dtype: 'int32', shape: [rows], strides: [1], offset };
}

onGpu('cross-entropy', (gpu) => {
  const { expectParity } = gpu;

  /** The bounds that the kernel states. */
  function expectCrossEntropy(logits: HostView, targets: HostView, ignoreIndex = -100): void {
    const [rows, classes] = logits.shape;
    expectParity('crossEntropy', [logits, targets, ignoreIndex, resultOf([], 'float32')], {
      slack: (loss) => 4e-7 * (1 + Math.log(classes)) + 8 * ROUNDING * Math.abs(loss),
    });
    const own = targets.buffer.subarray(targets.offset, targets.offset + rows);
    const counted = own.filter((target) => target !== ignoreIndex).length;
    const g = packedView([], 2, () => -1.7);
    expectParity(
      'crossEntropyBackward',
      [g, logits, targets, ignoreIndex, resultOf(logits.shape, 'float32')],
      {
        slack: () => (1.7 / Math.max(1, counted)) * (5e-7 + ROUNDING * Math.log(classes)),
      },
    );
  }

  test.each(classCounts)('of %i classes is that of the reference', (classes) => {
    fc.assert(
      fc.property(cases, ({ rows, offset, spread, shift, ignored, ignoreIndex, seed }) => {
        const random = new Random(seed);
        const logits = packedView([rows, classes], offset, () => shift + spread * random.normal());
        const targets = targetsOf(rows, classes, seed % 4, random, ignored, ignoreIndex);
        expectCrossEntropy(logits, targets, ignoreIndex);
      }),
      { numRuns: 6 },
    );
  });

  test('of many rows is added up in passes, and of a vocabulary in blocks', () => {
    for (const [rows, classes] of [[900, 65], [5000, 1], [20_000, 2], [3, 50_257]]) {
      const random = new Random(rows);
      const logits = packedView([rows, classes], 0, () => 3 * random.normal());
      expectCrossEntropy(logits, targetsOf(rows, classes, 1, random, 0.2));
    } // biome-ignore format: a list of shapes
  });

  test('of no rows, and of ignored ones alone, is NaN', () => {
    for (const rows of [0, 1, 5, 900]) {
      const logits = packedView([rows, 65], 0, () => 1);
      const targets = targetsOf(rows, 65, 0, new Random(1), 1);
      const [loss] = expectParity('crossEntropy', [logits, targets, -100, resultOf([], 'float32')], {});
      expect(loss[0]).toBeNaN();
      expectParity(
        'crossEntropyBackward',
        [packedView([], 0, () => 1), logits, targets, -100, resultOf(logits.shape, 'float32')],
        {},
      );
    }
  });

  describe('scores that are not finite', () => {
    test('keep to their row, and in an ignored row do nothing', () => {
      // Two of them may be 2e38 apart: a loss within float32, as the kernel asks for.
      const special = fc.constantFrom(nan, inf, -inf, -inf, 0, -0, 1e-40, 1e38, -1e38, 1);
      const values = fc.array(special, { minLength: 9, maxLength: 40 });
      fc.assert(
        fc.property(values, fc.constantFrom(1, 2, 3, 4, 7, 9), fc.nat(), (values, classes, seed) => {
          const rows = Math.floor(values.length / classes);
          const logits = packedView([rows, classes], 1, (i) => values[i]);
          expectCrossEntropy(logits, targetsOf(rows, classes, 2, new Random(seed), 0.4));
        }),
        { numRuns: 80 },
      );
    });

    test('a row that costs more than float32 holds costs ∞, whatever the mean', () => {
      const logits = packedView([3, 3], 0, (i) => [3e38, -3e38, 0, 0, 0, 0, 0, 0, 0][i]);
      const targets: HostView = {
        ...packedView([3], 0, () => 1),
        buffer: Int32Array.of(1, 1, 1),
        dtype: 'int32',
      };
      const views = [logits, targets, resultOf([], 'float32')].map((view) => ({
        ...view,
        buffer: gpu.machine.over(view.dtype, view.buffer),
      }));
      gpu.kernels.crossEntropy(views[0], views[1], -100, views[2]);
      expect(gpu.machine.host(views[2].buffer)[0]).toBe(inf);
      for (const { buffer } of views) gpu.machine.release(buffer);
    });

    test('a target that is masked out costs ∞; masked scores elsewhere cost nothing', () => {
      const logits = packedView([2, 3], 0, (i) => [-inf, 0, 0, 0, -inf, -inf][i]);
      const targets: HostView = {
        buffer: Int32Array.of(0, 0),
        dtype: 'int32',
        shape: [2],
        strides: [1],
        offset: 0,
      };
      const [loss] = expectParity('crossEntropy', [logits, targets, -100, resultOf([], 'float32')], {});
      expect(loss[0]).toBe(inf);
      expectCrossEntropy(logits, targets);
    });
  });

  test('compiles nothing for another number of rows, and reads nothing back', () => {
    const { machine, kernels } = gpu;
    const work = (rows: number): void => {
      for (const classes of [2, 65]) {
        const random = new Random(rows);
        const logits = packedView([rows, classes], rows % 4, () => random.normal());
        const targets = targetsOf(rows, classes, 0, random, 0.5);
        targets.buffer[0] = 1;
        const views = [logits, targets, resultOf([], 'float32'), resultOf(logits.shape, 'float32')];
        const [x, target, loss, dx] = views.map((view) => ({
          ...view,
          buffer: machine.over(view.dtype, view.buffer),
        }));
        kernels.crossEntropy(x, target, -100, loss);
        kernels.crossEntropyBackward(loss, x, target, -100, dx);
        for (const { buffer } of [x, target, loss, dx]) machine.release(buffer);
      }
    };
    work(4100);
    const { compiled, readbacks } = machine.counters;
    for (const rows of [1, 4, 64, 65, 300]) work(rows);
    expect(machine.counters).toMatchObject({ compiled, readbacks });
  });
});
