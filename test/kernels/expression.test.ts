/** Expressions as data, their derivatives as expressions, and the error function. */
import { describe, expect, test } from 'vitest';
import { differentiate, isZero } from '../../kernels/pointwise/derivative.ts';
import {
  constant,
  type Expression,
  input,
  inputsOf,
  nodeCount,
  nodesOf,
  parameter,
  substitute,
} from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import { pointwise } from '../../kernels/pointwise/reference.ts';
import { erf } from '../../kernels/pointwise/special.ts';
import { Random } from '../../src/index.ts';
import { resultOf } from './views.ts';

const [x, y] = [input(0), input(1)];

/** The value of an expression at a point. */
function valueAt(expression: Expression, ...point: number[]): number {
  const scalars = point.map((value) => ({ ...resultOf([], 'float64'), buffer: Float64Array.of(value) }));
  const out = resultOf([], 'float64');
  pointwise(compile(expression, point.length, 0), scalars, [], out);
  return out.buffer[0];
}

describe('interning', () => {
  test('expressions that are built alike are one object', () => {
    expect(x.mul(y).add(2).tanh()).toBe(input(0).mul(input(1)).add(constant(2)).tanh());
    expect(x.mul(y)).not.toBe(y.mul(x));
    expect(parameter(0)).not.toBe(input(0));
  });

  test('constants are told apart down to the sign of zero; NaN is NaN', () => {
    expect(constant(0)).not.toBe(constant(-0));
    expect(constant(Number.NaN)).toBe(constant(Number.NaN));
    expect(constant(0.1 + 0.2)).not.toBe(constant(0.3));
  });

  test('shared parts count and are computed once', () => {
    const shared = x.exp().add(1);
    const expression = shared.mul(shared).div(shared);
    expect(nodeCount(expression)).toBe(6);
    expect(compile(expression, 1, 0).instructions.map(({ fn }) => fn)).toEqual(['exp', 'add', 'mul', 'div']);
  });

  test('arguments come before those who use them', () => {
    const seen = new Set<Expression>();
    for (const node of nodesOf(x.add(y).mul(x).sub(y.exp()))) {
      for (const arg of node.args) expect(seen.has(arg)).toBe(true);
      seen.add(node);
    }
  });

  test('substitution replaces leaves, and inputsOf tells which are read', () => {
    const replaced = substitute(x.mul(y).add(x), (leaf) => (leaf === x ? y.exp() : leaf));
    expect(replaced).toBe(y.exp().mul(y).add(y.exp()));
    expect(inputsOf(replaced)).toEqual([1]);
    expect(inputsOf(y.add(x))).toEqual([0, 1]);
  });
});

describe('derivatives that everyone knows', () => {
  const at = 0.7;
  test.each<[string, Expression, (x: number) => number]>([
    ['x²', x.square(), (v) => 2 * v],
    ['x³', x.pow(3), (v) => 3 * v ** 2],
    ['1/x', x.reciprocal(), (v) => -1 / v ** 2],
    ['√x', x.sqrt(), (v) => 0.5 / Math.sqrt(v)],
    ['e^x', x.exp(), Math.exp],
    ['e^x − 1', x.expm1(), Math.exp],
    ['log x', x.log(), (v) => 1 / v],
    ['log (1 + x)', x.log1p(), (v) => 1 / (1 + v)],
    ['sin x', x.sin(), Math.cos],
    ['cos x', x.cos(), (v) => -Math.sin(v)],
    ['tanh x', x.tanh(), (v) => 1 - Math.tanh(v) ** 2],
    ['erf x', x.erf(), (v) => (2 / Math.sqrt(Math.PI)) * Math.exp(-v * v)],
    ['x sin x', x.mul(x.sin()), (v) => Math.sin(v) + v * Math.cos(v)],
    ['sin (x²)', x.square().sin(), (v) => 2 * v * Math.cos(v * v)],
    ['x / (1 + x)', x.div(x.add(1)), (v) => 1 / (1 + v) ** 2],
    ['2^x', constant(2).pow(x), (v) => 2 ** v * Math.LN2],
    ['x^x', x.pow(x), (v) => v ** v * (Math.log(v) + 1)],
    ['−|x|', x.abs().neg(), () => -1],
  ])('%s', (_, expression, derivative) => {
    expect(valueAt(differentiate(expression, 0), at)).toBeCloseTo(derivative(at), 14);
  });

  test('partial derivatives hold the other input still', () => {
    const f = x.mul(y).add(y.exp());
    expect(differentiate(f, 0)).toBe(y);
    expect(valueAt(differentiate(f, 1), 3, 0.5)).toBe(3 + Math.exp(0.5));
    expect(isZero(differentiate(f, 2))).toBe(true);
  });

  test('the same derivative is built once', () => {
    expect(differentiate(x.tanh().mul(x), 0)).toBe(differentiate(x.tanh().mul(x), 0));
  });
});

describe('conventions where there is no derivative', () => {
  test.each<[string, Expression, number[], number[]]>([
    ['|x| is flat at 0', x.abs(), [0], [0]],
    ['a tie of maximum shares evenly', x.maximum(y), [2, 2], [0.5, 0.5]],
    ['a tie of minimum shares evenly', x.minimum(y), [2, 2], [0.5, 0.5]],
    ['maximum goes to the larger', x.maximum(y), [3, 2], [1, 0]],
    ['minimum goes to the smaller', x.minimum(y), [3, 2], [0, 1]],
    ['comparisons are flat', x.lessThan(y), [1, 2], [0, 0]],
    ['select follows the branch taken', x.greaterThan(0).select(y.square(), y), [1, 3], [0, 6]],
    ['x^0 is flat at 0', x.pow(y), [0, 0], [0, 0]],
    ['x^2 is flat at 0, in x and in the exponent', x.pow(y), [0, 2], [0, 0]],
    ['x^1 has slope 1 at 0', x.pow(y), [0, 1], [1, 0]],
  ])('%s', (_, expression, point, slopes) => {
    expect(slopes.map((_, i) => valueAt(differentiate(expression, i), ...point))).toEqual(slopes);
  });

  test('the slope of x^y in x knows how it changes with y, at y = 0 too', () => {
    // ∂²/∂y∂x x^y = x^(y−1) (1 + y log x), which is 1/x at y = 0.
    expect(valueAt(differentiate(differentiate(x.pow(y), 0), 1), 0.5, 0)).toBe(2);
    expect(valueAt(differentiate(differentiate(x.pow(y), 1), 0), 0.5, 0)).toBe(2);
  });

  test('only what does not depend on an input has no gradient; a slope that happens to be 0 is one', () => {
    expect(isZero(differentiate(constant(3).mul(y), 0))).toBe(true);
    expect(isZero(differentiate(x.mul(parameter(0)), 0))).toBe(false);
    expect(isZero(differentiate(x.lessThan(y), 0))).toBe(true);
  });
});

describe('erf', () => {
  const ONE = 10n ** 60n;
  /** 2 / √π. */
  const FACTOR = 1128379167095512573896158903121545171688101258657997713688171n;

  /** A float64 in units of 1e-60: it is a whole number over a power of two. */
  function fixed(value: number): bigint {
    let shift = 0n;
    let whole = value;
    while (!Number.isInteger(whole)) {
      whole *= 2;
      shift++;
    }
    return (BigInt(whole) * ONE) >> shift;
  }

  /** erf from its alternating series in whole numbers of 60 digits; exact to far beyond float64 for |x| < 6. */
  function exactErf(value: number): bigint {
    const point = fixed(value);
    let power = point;
    let sum = 0n;
    for (let n = 0n; power !== 0n; n++) {
      sum += power / (2n * n + 1n);
      power = (-power * ((point * point) / ONE)) / ONE / (n + 1n);
    }
    return (sum * FACTOR) / ONE;
  }

  /** The distance between a float64 and an exact number. */
  function distance(value: number, exact: bigint): number {
    return Math.abs(Number(fixed(value) - exact)) / Number(ONE);
  }

  /** The largest distance from the exact value at some points of a range. */
  function worst(min: number, max: number): number {
    const random = new Random(1);
    let largest = 0;
    for (let i = 0; i < 1000; i++) {
      const point = min + random.uniform() * (max - min);
      largest = Math.max(
        largest,
        distance(erf(point), exactErf(point)),
        distance(erf(-point), exactErf(-point)),
      );
    }
    return largest;
  }

  test('is within 2e-15 of the exact value below 2.5, and within 1e-16 above', () => {
    expect(worst(0, 2.5)).toBeLessThan(2e-15);
    expect(worst(2.5, 6)).toBeLessThan(1e-16);
  });

  test('is odd, 0 at 0, and ±1 from 6 on', () => {
    for (const value of [1e-300, 1e-10, 0.3, 2.4999, 2.5, 5.9999]) expect(erf(-value)).toBe(-erf(value));
    expect([erf(0), erf(6), erf(-7), erf(Number.POSITIVE_INFINITY)]).toEqual([0, 1, -1, 1]);
    expect(erf(Number.NaN)).toBeNaN();
    expect(erf(1e-20) * 1e20).toBeCloseTo(2 / Math.sqrt(Math.PI), 15);
  });

  test('rises without a step where the two methods meet', () => {
    const around = Array.from({ length: 21 }, (_, i) => erf(2.5 + (i - 10) * 1e-9));
    for (let i = 1; i < around.length; i++) expect(around[i]).toBeGreaterThan(around[i - 1]);
  });
});
