import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/index.ts';
import { Random, tensor } from '../../src/index.ts';
import { expectClose, f64, flat, i32, secondSlope, slope } from './numbers.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('values', () => {
  const points = [-3, -1.25, -0.5, 0, 0.25, 1, 2.5];
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const cases: [name: string, f: (x: Tensor) => Tensor, value: (x: number) => number][] = [
    ['neg', (x) => x.neg(), (x) => -x],
    ['abs', (x) => x.abs(), Math.abs],
    ['sign', (x) => x.sign(), Math.sign],
    ['square', (x) => x.square(), (x) => x * x],
    ['reciprocal', (x) => x.reciprocal(), (x) => 1 / x],
    ['exp', (x) => x.exp(), Math.exp],
    ['expm1', (x) => x.expm1(), Math.expm1],
    ['log', (x) => x.log(), Math.log],
    ['log1p', (x) => x.log1p(), Math.log1p],
    ['sqrt', (x) => x.sqrt(), Math.sqrt],
    ['rsqrt', (x) => x.rsqrt(), (x) => 1 / Math.sqrt(x)],
    ['sin', (x) => x.sin(), Math.sin],
    ['cos', (x) => x.cos(), Math.cos],
    ['tanh', (x) => x.tanh(), Math.tanh],
    ['sigmoid', (x) => x.sigmoid(), sigmoid],
    ['silu', (x) => x.silu(), (x) => x * sigmoid(x)],
    ['relu', (x) => x.relu(), (x) => Math.max(x, 0)],
    ['leakyRelu', (x) => x.leakyRelu(0.1), (x) => (x > 0 ? x : 0.1 * x)],
    ['softplus', (x) => x.softplus(), (x) => Math.log(1 + Math.exp(x))],
    ['clamp', (x) => x.clamp(-1, 0.5), (x) => Math.min(Math.max(x, -1), 0.5)],
    ['clamp from below', (x) => x.clamp(-1), (x) => Math.max(x, -1)],
    ['clamp from above', (x) => x.clamp(undefined, 0.5), (x) => Math.min(x, 0.5)],
    ['maximum', (x) => x.maximum(0.25), (x) => Math.max(x, 0.25)],
    ['minimum', (x) => x.minimum(0.25), (x) => Math.min(x, 0.25)],
    ['pow 3', (x) => x.pow(3), (x) => x ** 3],
    ['pow −2', (x) => x.pow(-2), (x) => x ** -2],
    ['pow ½', (x) => x.pow(0.5), (x) => x ** 0.5],
    ['where', (x) => x.gt(0).where(x, 7), (x) => (x > 0 ? x : 7)],
  ];
  test.each(cases)('%s', (_, f, value) => {
    expectClose(f(f64(points)), points.map(value));
  });

  // Tables of the normal distribution.
  test('erf and gelu', () => {
    expectClose(
      f64([0, 0.5, 1, -2, inf]).erf(),
      [0, 0.5204998778130465, 0.8427007929497149, -0.9953222650189527, 1],
    );
    expectClose(f64([0, 1, -1, 2]).gelu(), [0, 0.8413447460685429, -0.15865525393145707, 1.9544997361036416]);
  });

  test('precise near 0, where the plain formula rounds', () => {
    expectClose(f64([1e-20]).expm1().mul(1e20), [1]);
    expectClose(f64([1e-20]).log1p().mul(1e20), [1]);
  });
});

describe('comparisons and logic', () => {
  const a = f64([1, 2, nan, 0]);
  const b = f64([1, 3, nan, -1]);

  test('are truth values, false beside NaN but for ne', () => {
    expect(flat(a.eq(b))).toEqual([1, 0, 0, 0]);
    expect(flat(a.ne(b))).toEqual([0, 1, 1, 1]);
    expect(flat(a.lt(b))).toEqual([0, 1, 0, 0]);
    expect(flat(a.le(b))).toEqual([1, 1, 0, 0]);
    expect(flat(a.gt(b))).toEqual([0, 0, 0, 1]);
    expect(flat(a.ge(b))).toEqual([1, 0, 0, 1]);
    expect(flat(a.isNan())).toEqual([0, 0, 1, 0]);
    expect(a.isNan().dtype).toBe('bool');
  });

  test('everything but 0 counts as true', () => {
    const [x, y] = [f64([0, 0, 2, nan]), tensor([false, true, false, true])];
    expect(flat(x.logicalAnd(y))).toEqual([0, 0, 0, 1]);
    expect(flat(x.logicalOr(y))).toEqual([0, 1, 1, 1]);
    expect(flat(x.logicalXor(y))).toEqual([0, 1, 1, 0]);
    expect(flat(x.logicalNot())).toEqual([1, 1, 0, 0]);
  });
});

describe("at kinks, PyTorch's conventions", () => {
  test('|0|, sign and relu are flat at 0; leakyRelu has its slope', () => {
    const zero = f64([0]);
    expect(flat(slope((x) => x.abs(), zero))).toEqual([0]);
    expect(flat(slope((x) => x.sign(), zero))).toEqual([0]);
    expect(flat(slope((x) => x.relu(), zero))).toEqual([0]);
    expect(flat(slope((x) => x.leakyRelu(0.2), zero))).toEqual([0.2]);
  });

  test('clamp passes the gradient at its bounds', () => {
    expect(flat(slope((x) => x.clamp(-1, 1), f64([-1.5, -1, 0, 1, 1.5])))).toEqual([0, 1, 1, 1, 0]);
  });

  test('ties of maximum and minimum share evenly', () => {
    for (const f of [(x: Tensor) => x.maximum(2), (x: Tensor) => f64([2]).minimum(x)]) {
      expect(flat(slope(f, f64([2])))).toEqual([0.5]);
    }
  });

  test('nothing passes where an op is flat, not even the infinite slope of √ at 0', () => {
    const flatBelow: ((x: Tensor) => Tensor)[] = [
      (x) => x.relu(),
      (x) => x.clamp(0, 5),
      (x) => x.maximum(0),
      (x) => f64([0, 0]).minimum(x.neg()).neg(),
      (x) => x.gt(0).where(x, 0),
    ];
    for (const f of flatBelow) {
      expectClose(
        slope((x) => f(x).sqrt(), f64([-1, 4])),
        [0, 0.25],
      );
      expectClose(
        secondSlope((x) => f(x).sqrt(), f64([-1, 4])),
        [0, -1 / 32],
      );
    }
  });

  test('powers of 0 and of negative numbers', () => {
    expectClose(f64([0, -2, -2, -8]).pow(f64([0, 3, -1, 1 / 3])), [1, -8, -0.5, nan]);
    expect(flat(slope((x) => x.pow(0), f64([0])))).toEqual([0]);
    expect(flat(slope((x) => x.pow(1), f64([0])))).toEqual([1]);
    expect(flat(slope((x) => x.pow(2), f64([0, -3])))).toEqual([0, -6]);
    expect(flat(secondSlope((x) => x.pow(2), f64([0, -3])))).toEqual([2, 2]);
    expect(flat(slope((b) => f64([0]).pow(b), f64([2])))).toEqual([0]);
    expect(flat(slope((x) => x.sqrt(), f64([0])))).toEqual([inf]);
  });
});

describe('beside infinities and NaN, IEEE 754 and PyTorch', () => {
  test('1^y is 1 and (−1)^±∞ is 1', () => {
    expect(flat(f64([1, 1, 1, -1, -1]).pow(f64([nan, inf, -inf, inf, -inf])))).toEqual([1, 1, 1, 1, 1]);
    expect(flat(f64([nan, -1, 2]).pow(f64([1, nan, nan])))).toEqual([nan, nan, nan]);
  });

  test('beside NaN neither side of maximum and minimum loses its gradient', () => {
    for (const f of [
      (x: Tensor) => x.maximum(f64([1, nan, nan])),
      (x: Tensor) => f64([1, nan, nan]).minimum(x),
    ]) {
      expect(flat(slope(f, f64([nan, 1, nan])))).toEqual([1, 1, 1]);
    }
  });

  test('softplus has its derivatives 1 and 0 at ∞', () => {
    expect(flat(slope((x) => x.softplus(), f64([inf, -inf, nan])))).toEqual([1, 0, nan]);
    expect(flat(secondSlope((x) => x.softplus(), f64([inf])))).toEqual([0]);
  });
});

describe('far out', () => {
  const far = f64([-1e4, -800, 800, 1e4]);

  test('softplus, silu and sigmoid neither overflow nor lose their derivatives', () => {
    expectClose(far.softplus(), [0, 0, 800, 1e4]);
    expectClose(
      slope((x) => x.softplus(), far),
      [0, 0, 1, 1],
    );
    expectClose(
      secondSlope((x) => x.softplus(), far),
      [0, 0, 0, 0],
    );
    expectClose(far.silu(), [0, 0, 800, 1e4]);
    expectClose(
      slope((x) => x.silu(), far),
      [0, 0, 1, 1],
    );
    expectClose(
      secondSlope((x) => x.silu(), far),
      [0, 0, 0, 0],
    );
    expectClose(
      secondSlope((x) => x.sigmoid(), far),
      [0, 0, 0, 0],
    );
  });

  test('softplus has its second derivative ¼ at 0', () => {
    expectClose(
      secondSlope((x) => x.softplus(), f64([0])),
      [0.25],
    );
  });

  test('NaN passes through', () => {
    const x = f64([nan]);
    for (const y of [
      x.relu(),
      x.leakyRelu(),
      x.clamp(0, 1),
      x.maximum(1),
      x.minimum(1),
      x.sign(),
      x.softplus(),
    ]) {
      expect(flat(y)).toEqual([nan]);
    }
  });
});

describe('types', () => {
  test('integers stay integers where the result is whole, and turn float32 where it is not', () => {
    const x = i32([-3, 0, 5]);
    expect(x.abs().dtype).toBe('int32');
    expect(flat(x.clamp(-1))).toEqual([-1, 0, 5]);
    expect(x.clamp(-1).dtype).toBe('int32');
    expect(x.maximum(i32([0])).dtype).toBe('int32');
    expect(x.pow(2).dtype).toBe('float32');
    expect(x.sin().dtype).toBe('float32');
    expect(flat(x.add(0.5))).toEqual([-2.5, 0.5, 5.5]);
    expect(x.add(1).dtype).toBe('int32');
    expect(flat(x.gt(0).where(x, -inf))).toEqual([-inf, -inf, 5]);
  });
});

describe('mistakes are named', () => {
  test('shapes that do not broadcast, with the remedy', () => {
    expect(() =>
      f64([1, 2]).maximum(
        f64([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      ),
    ).toThrow(
      'maximum: shapes (2) and (2, 3) do not broadcast: axis -1 is 2 in one and 3 in another ' +
        '(sizes must be equal, or one of them 1). Did you mean a.unsqueeze(-1)?',
    );
  });

  test('clamp with its bounds exchanged, and operands that are no numbers', () => {
    expect(() => f64([1]).clamp(2, 1)).toThrow('clamp: min 2 is above max 1. Did you mean x.clamp(1, 2)?');
    expect(() => f64([1]).pow('2' as never)).toThrow("pow: operand 1 is '2', neither a tensor nor a number.");
  });
});

test('dropout of everything is 0, with gradient 0', () => {
  expect(flat(f64([1, -2, inf]).dropout(1, new Random(1)))).toEqual([0, 0, 0]);
  expect(flat(slope((x) => x.dropout(1, new Random(1)), f64([1, -2])))).toEqual([0, 0]);
});

test('clamp bounds no more than it is told, in floats and in whole numbers', () => {
  const far = f64([-1e10, 1e10]);
  expect(flat(far.clamp(0))).toEqual([0, 1e10]);
  expect(flat(far.clamp(undefined, 0))).toEqual([-1e10, 0]);
  const whole = tensor([-(2 ** 31), 7, 2 ** 31 - 1], { dtype: 'int32' });
  expect(flat(whole.clamp(undefined, 0))).toEqual([-(2 ** 31), 0, 0]);
  expect(flat(whole.clamp(0))).toEqual([0, 7, 2 ** 31 - 1]);
});
