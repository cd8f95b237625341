/** The functions of pointwise expressions in WebAssembly against JavaScript's, over the whole range of float32. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Expression, input } from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import { simdPointwise } from '../../kernels/pointwise/simd.ts';
import { Random } from '../../src/index.ts';
import { watch } from './machines.ts';
import { packedView, resultOf } from './views.ts';

const { expectParity } = watch(simdPointwise);

/** The largest relative errors, as the functions' comments state them, and below what they give 0. */
const cases: [name: string, of: (x: Expression) => Expression, bound: number, zeroBelow?: number][] = [
  ['exp', (x) => x.exp(), 2e-7],
  ['expm1', (x) => x.expm1(), 3e-7],
  ['log', (x) => x.log(), 2e-7],
  ['log1p', (x) => x.log1p(), 3e-7],
  ['tanh', (x) => x.tanh(), 4e-7],
  ['sigmoid', (x) => x.sigmoid(), 3e-7, 2 ** -126],
  ['erf', (x) => x.erf(), 3e-7],
  ['sin', (x) => x.sin(), 2e-7],
  ['cos', (x) => x.cos(), 2e-7],
  ['sign', (x) => x.sign(), 0],
];
const POW_BOUND = 1e-7;

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const [SMALLEST, LARGEST] = [2 ** -149, 2 ** 128 - 2 ** 104];
const special = [
  0,
  -0,
  nan,
  inf,
  -inf,
  SMALLEST,
  -SMALLEST,
  2 ** -126,
  -(2 ** -126),
  LARGEST,
  -LARGEST,
  1,
  -1,
];

/** Below the normal numbers a float32 has fewer digits: one of its last places. */
const slackOf =
  (bound: number, zeroBelow: number) =>
  (expected: number): number => {
    if (Math.abs(expected) < zeroBelow) return Math.abs(expected);
    return Math.abs(expected) < 2 ** -126 ? SMALLEST : bound * Math.abs(expected);
  };

function compute(
  expression: Expression,
  bound: number | readonly [bound: number, zeroBelow: number],
  ...columns: (readonly number[])[]
): Float32Array {
  const [relative, zeroBelow] = typeof bound === 'number' ? [bound, 0] : bound;
  const length = columns[0].length;
  const inputs = columns.map((column) => packedView([length], 1, (i) => column[i]));
  const program = compile(expression, inputs.length, 0);
  const args = [program, inputs, [], resultOf([length], 'float32')];
  return expectParity('pointwise', args, { slack: slackOf(relative, zeroBelow) })[0] as Float32Array;
}

/** Zeros by their sign, which a comparison of distances does not see. */
function expectSameZeros(found: Float32Array, expected: readonly number[]): void {
  expected.forEach((value, i) => {
    if (Math.fround(value) === 0) expect(found[i], `place ${i}`).toBe(Math.fround(value));
  });
}

/** Numbers of every size and sign. */
function everywhere(count: number, seed: number): number[] {
  const random = new Random(seed);
  const numbers = new Float32Array(count);
  const words = new Uint32Array(numbers.buffer);
  // The exponents in turn, so that none is left out.
  for (let i = 0; i < count; i++) words[i] = ((i % 512) << 23) | random.int(2 ** 23);
  return [...numbers];
}

describe.each(cases)('%s', (name, of, relative, zeroBelow = 0) => {
  const expression = of(input(0));
  const bound = [relative, zeroBelow] as const;

  test(`stays within a relative error of ${relative}, however large or small the number`, () => {
    compute(expression, bound, everywhere(40 * 512, 1));
  });

  test('does so at the numbers that one meets', () => {
    const near = (limit: number): fc.Arbitrary<number> => fc.float({ min: -limit, max: limit, noNaN: true });
    const numbers = fc.array(fc.oneof(near(1), near(9), near(90), near(1000), fc.float()), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(fc.property(numbers, (values) => void compute(expression, bound, values)));
  });

  test('keeps NaN, infinities and the signs of zeros', () => {
    const found = compute(expression, bound, special);
    if (name in Math) expectSameZeros(found, special.map(Math[name as 'exp']));
    else if (name === 'erf') expectSameZeros(found, special);
    else expect([...found.subarray(0, 5)]).toEqual([0.5, 0.5, nan, 1, 0]); // sigmoid
  });
});

test('sin and cos are right where x is next to a multiple of π/2', () => {
  const multiples = [1, 2, 3, 4, 11, 2 ** 10, 2 ** 19, 2 ** 20, 2 ** 21, 1e10, 2 ** 60, 1e30];
  const numbers = multiples.flatMap((k) => [k, -k].map((n) => Math.fround((n * Math.PI) / 2)));
  compute(input(0).sin(), 2e-7, numbers);
  compute(input(0).cos(), 2e-7, numbers);
});

test('a number has one sine, whatever its neighbours', () => {
  const alone = compute(input(0).sin(), 2e-7, [1, 2, 3, 4]);
  const beside = compute(input(0).sin(), 2e-7, [1, 2, 3, 1e20]);
  expect([...beside.subarray(0, 3)]).toEqual([...alone.subarray(0, 3)]);
});

describe('pow', () => {
  const expression = input(0).pow(input(1));

  test('of special numbers is what IEEE 754 says', () => {
    const numbers = [
      ...special,
      2,
      -2,
      3,
      -3,
      0.5,
      -0.5,
      2.5,
      2 ** 24 + 2,
      2 ** 24 - 1,
      -(2 ** 24 - 1),
      1 - 2 ** -24,
    ];
    const pairs = numbers.flatMap((x) => numbers.map((y) => [x, y]));
    const columns = [pairs.map(([x]) => x), pairs.map(([, y]) => y)];
    const found = compute(expression, POW_BOUND, ...columns);
    expectSameZeros(
      found,
      pairs.map(([x, y]) => (Number.isNaN(x ** y) ? 1 : x ** y)),
    );
  });

  test(`stays within a relative error of ${POW_BOUND}`, () => {
    const random = new Random(2);
    const draw = (scale: number): number => Math.fround((random.uniform() - 0.5) * scale);
    const bases = Array.from({ length: 20_000 }, (_, i) =>
      Math.fround(Math.exp(i % 2 ? draw(170) : draw(0.02))),
    );
    const powers = bases.map((_, i) => (i % 2 ? draw(20) : draw(12_000)));
    compute(expression, POW_BOUND, bases, powers);
    const whole = powers.map(Math.round);
    compute(
      expression,
      POW_BOUND,
      bases.map((base) => -base),
      whole,
    );
  });
});
