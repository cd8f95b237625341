/** Softmax in WebAssembly against the float64 reference, around the edges of vectors and parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachVector, load, store } from '../../kernels/assembler/vectors.ts';
import { simdSoftmax } from '../../kernels/softmax/simd.ts';
import { expBelowZero } from '../../kernels/softmax/simd-exp.ts';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import { watch } from './machines.ts';
import { packedView, resultOf } from './views.ts';

const { machines, expectParity } = watch(simdSoftmax);
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const extents = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(15, 16, 17, 31, 32, 33, 65));
const cases = fc.record({
  rows: extents,
  columns: extents,
  offset: fc.integer({ min: 0, max: 3 }),
  spread: fc.constantFrom(0, 1, 30, 1e4),
  shift: fc.constantFrom(0, 1e4, -1e4),
  seed: fc.nat(),
});

/** Half the distance from 1 to the next float32. */
const ROUNDING = 2 ** -24;

/**
 * With x at the distance t from its row's maximum, t and the exponential are rounded: the relative error of e^−t is
 * below 1e-7 + t / 2²⁴. That of their sum is a mean of these, in which t weighs at most log n.
 */
function softmaxSlack(columns: number): (expected: number) => number {
  return (y) => 1.5e-38 + y * (4e-7 + ROUNDING * (Math.log(columns) - Math.log(Math.max(y, 1e-45))));
}

function logSoftmaxSlack(columns: number): (expected: number) => number {
  return (y) => 4e-7 + 3e-7 * Math.abs(y) + ROUNDING * Math.log(columns);
}

function expectSoftmax(x: HostView): void {
  const columns = x.shape[x.shape.length - 1];
  const out = resultOf(x.shape, 'float32');
  expectParity('softmax', [x, false, out], { slack: softmaxSlack(columns) });
  expectParity('softmax', [x, true, out], { slack: logSoftmaxSlack(columns) });
}

/** Each product, sum and difference is rounded; e^y has an error of 1e-7. */
function expectSoftmaxBackward(g: HostView, y: HostView): void {
  const columns = y.shape[y.shape.length - 1];
  const out = resultOf(y.shape, 'float32');
  const [gs, ys] = [g, y].map((x) => x.buffer.subarray(x.offset));
  const rowSum = (at: number, term: (i: number) => number): number => {
    const first = at - (at % columns);
    let sum = 0;
    for (let i = first; i < first + columns; i++) sum += Math.abs(term(i));
    return sum;
  };
  expectParity('softmaxBackward', [g, y, false, out], {
    slack: (_, at) =>
      1e-44 + 4 * ROUNDING * Math.abs(ys[at]) * (Math.abs(gs[at]) + rowSum(at, (i) => gs[i] * ys[i])),
  });
  expectParity('softmaxBackward', [g, y, true, out], {
    slack: (_, at) =>
      1e-38 + 2 * ROUNDING * Math.abs(gs[at]) + 3e-7 * Math.exp(ys[at]) * rowSum(at, (i) => gs[i]),
  });
}

describe('softmax', () => {
  test('is that of the reference for rows of any length, spread and place', () => {
    fc.assert(
      fc.property(cases, ({ rows, columns, offset, spread, shift, seed }) => {
        const random = new Random(seed);
        expectSoftmax(packedView([rows, columns], offset, () => shift + spread * random.normal()));
      }),
      { numRuns: 150 },
    );
  });

  test('keeps NaN, infinities, masked and tiny scores to their row', () => {
    const special = fc.constantFrom(nan, inf, -inf, -inf, 0, -0, 1e-40, 3e38, -3e38, 88, -88, 1);
    fc.assert(
      fc.property(
        fc.array(special, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 13 }),
        (values, n) => {
          const columns = Math.min(n, values.length);
          expectSoftmax(packedView([Math.floor(values.length / columns), columns], 1, (i) => values[i]));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('of many rows, and of long ones, is cut into parts', () => {
    for (const [rows, columns] of [[700, 100], [3, 20_001], [5000, 1]]) {
      const random = new Random(rows);
      expectSoftmax(packedView([rows, columns], 0, () => 3 * random.normal()));
    } // biome-ignore format: a list of shapes
  });
});

describe('softmaxBackward', () => {
  test('is that of the reference for rows of any length', () => {
    fc.assert(
      fc.property(cases, ({ rows, columns, offset, spread, seed }) => {
        const random = new Random(seed);
        const g = packedView([rows, columns], offset, () => spread * random.normal());
        expectSoftmaxBackward(
          g,
          packedView([rows, columns], 3 - offset, () => -Math.abs(random.normal())),
        );
      }),
      { numRuns: 150 },
    );
  });

  test('keeps NaN and infinities to their row', () => {
    const random = new Random(5);
    const specials = [nan, inf, -inf, -0, 1e-40];
    for (const columns of [1, 3, 4, 5, 8, 11]) {
      const g = packedView([12, columns], 0, (i) => (i % 7 === 3 ? specials[random.int(5)] : random.normal()));
      const y = packedView([12, columns], 0, (i) => (i % 11 === 5 ? [nan, -inf, -0][random.int(3)] : -random.uniform()));
      expectSoftmaxBackward(g, y);
    } // biome-ignore format: a view a line
  });

  test('of many rows is cut into parts', () => {
    const random = new Random(6);
    const g = packedView([900, 67], 0, () => random.normal());
    expectSoftmaxBackward(
      g,
      packedView([900, 67], 0, () => -Math.abs(random.normal())),
    );
  });
});

test('the exponential of what is not above 0 has a relative error below 1e-7, and ends in 0', () => {
  const [machine] = machines;
  const kernel = machine.module((module) =>
    module.kernel('powers', ['x', 'out', 'count'], (f, [x, out, count]) =>
      eachVector(f, count, (lanes) => {
        store(
          f,
          lanes,
          out,
          load(f, lanes, x).map((value) => expBelowZero(f, value)),
        );
      }),
    ),
  );
  const random = new Random(7);
  const last = [0, -0, -87.69, -88, -1e4, -3e38, -inf, nan];
  const count = 100_000 + last.length;
  // Half of them near 0, where most scores are; down to where the result is still a normal number.
  const x = packedView([count], 0, (i) => last[i] ?? -random.uniform() * (i % 2 ? 2 : 87.3));
  const [from, to] = [machine.upload(x, false), machine.upload(resultOf([count], 'float32'), true)];
  machine.launch(kernel, 1, from.at, to.at, count);
  const powers = machine.array(to).slice() as Float32Array;
  machine.clear();
  expect(Array.from(powers.subarray(0, last.length))).toEqual([1, 1, 0, 0, 0, 0, 0, nan]);
  const errors = powers.map((power, i) => Math.abs(power / Math.exp(x.buffer[i]) - 1)).slice(last.length);
  expect(errors.reduce((most, error) => Math.max(most, error))).toBeLessThan(1e-7);
});
