/** Cross-entropy in WebAssembly against the float64 reference, around the edges of vectors and parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simdCrossEntropy } from '../../kernels/cross-entropy/simd.ts';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { watch } from './machines.ts';
import { packedView, resultOf } from './views.ts';

const { expectParity } = watch(simdCrossEntropy);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Half the distance from 1 to the next float32. */
const ROUNDING = 2 ** -24;

/** Targets below `classes`, of which each is ignored with a probability. */
function targetsOf(
  rows: number,
  classes: number,
  offset: number,
  random: Random,
  ignored: number,
  ignoreIndex: number,
): HostView {
  const buffer = new Int32Array(offset + rows + 3).fill(ignoreIndex);
  for (let i = 0; i < rows; i++) {
    buffer[offset + i] = random.uniform() < ignored ? ignoreIndex : random.int(classes);
  }
  return { buffer, dtype: 'int32', shape: [rows], strides: [1], offset };
}

/** The bounds that the kernel states. */
function expectCrossEntropy(logits: HostView, targets: HostView, ignoreIndex = -100): void {
  const [rows, classes] = logits.shape;
  const out = resultOf([], 'float32');
  expectParity('crossEntropy', [logits, targets, ignoreIndex, out], {
    slack: (loss) => 4e-7 * (1 + Math.log(classes)) + ROUNDING * Math.abs(loss),
  });
  const own = targets.buffer.subarray(targets.offset, targets.offset + rows);
  const counted = own.filter((target) => target !== ignoreIndex).length;
  const g = packedView([], 2, () => -1.7);
  expectParity('crossEntropyBackward', [g, logits, targets, ignoreIndex, resultOf(logits.shape, 'float32')], {
    slack: () => (1.7 / Math.max(1, counted)) * (5e-7 + ROUNDING * Math.log(classes)),
  });
}

const extents = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 31, 32, 33, 65));

test('is that of the reference for any number of rows and classes', () => {
  fc.assert(
    fc.property(
      extents,
      extents,
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom(0, 1, 30),
      fc.constantFrom(0, 1e4, -1e4),
      fc.constantFrom(0, 0.3, 0.9, 1),
      fc.constantFrom(-100, 0, 1),
      fc.nat(),
      (rows, classes, offset, spread, shift, ignored, ignoreIndex, seed) => {
        const random = new Random(seed);
        const logits = packedView([rows, classes], offset, () => shift + spread * random.normal());
        expectCrossEntropy(
          logits,
          targetsOf(rows, classes, 3 - offset, random, ignored, ignoreIndex),
          ignoreIndex,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('of many rows, and of many classes, is cut into parts', () => {
  for (const [rows, classes] of [[900, 61], [5, 9001], [5000, 1], [20_000, 2]]) {
    const random = new Random(rows);
    const logits = packedView([rows, classes], 0, () => 3 * random.normal());
    expectCrossEntropy(logits, targetsOf(rows, classes, 1, random, 0.2, -100));
  } // biome-ignore format: a list of shapes
});

test('of no rows, and of ignored ones alone, is NaN', () => {
  for (const rows of [0, 1, 5, 900]) {
    const logits = packedView([rows, 30], 0, () => 1);
    const targets = targetsOf(rows, 30, 0, new Random(1), 1, -100);
    const [loss] = expectParity('crossEntropy', [logits, targets, -100, resultOf([], 'float32')], {});
    expect(loss[0]).toBeNaN();
  }
});

describe('scores that are not finite', () => {
  test('keep to their row, and in an ignored row do nothing', () => {
    const special = fc.constantFrom(nan, inf, -inf, -inf, 0, -0, 1e-40, 3e38, -3e38, 1);
    fc.assert(
      fc.property(
        fc.array(special, { minLength: 6, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (values, classes, seed) => {
          const rows = Math.floor(values.length / classes);
          const logits = packedView([rows, classes], 1, (i) => values[i]);
          expectCrossEntropy(logits, targetsOf(rows, classes, 2, new Random(seed), 0.4, -100));
        },
      ),
      { numRuns: 200 },
    );
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
    expect(expectParity('crossEntropy', [logits, targets, -100, resultOf([], 'float32')], {})[0][0]).toBe(
      inf,
    );
    expectCrossEntropy(logits, targets);
  });
});
