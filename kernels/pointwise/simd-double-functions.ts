/**
 * sin, cos and pow of four float32, computed in float64, two by two: what their reduction to a small range cancels is more
 * than float32 holds. Results are within one rounding of float32, and NaN, infinities and zeros give what C's functions
 * give. Only additions, multiplications, divisions and operations on bits: the same on every engine.
 */
import {
  type Code,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  i64x2,
  type Value,
  v128,
} from '../assembler/instructions.ts';
import type { FunctionBuilder, Local } from '../assembler/module.ts';
import { highHalf } from '../assembler/vectors.ts';
import { polynomial } from './simd-functions.ts';

/** A float64 in both lanes, set when the function begins. */
function splat(f: FunctionBuilder, value: number): Local {
  return f.constant(`f64 ${value}`, f64x2.splat(f64.const(value)));
}

/** c₀ + x (c₁ + x (c₂ + …)), from the coefficients in rising order. */
function doublePolynomial(f: FunctionBuilder, x: Value, coefficients: readonly number[]): Value {
  return coefficients.map((c): Value => splat(f, c)).reduceRight((sum, c) => f64x2.add(c, f64x2.mul(x, sum)));
}

type Halves = readonly [low: Local, high: Local];

function promote(f: FunctionBuilder, x: Local): Halves {
  return [f.keep(f64x2.promoteLow(x)), f.keep(f64x2.promoteLow(highHalf(x)))];
}

function demote([low, high]: readonly [Value, Value]): Code {
  return v128.shuffle(f32x4.demote(low), f32x4.demote(high), [0, 1, 4, 5]);
}

/** Added to a number below 2⁵¹, this leaves no room for fractions: the sum's last bits are the nearest whole number. */
const ROUNDER = 1.5 * 2 ** 52;

/**
 * π/2 in three parts. The first two are so short that their products with a whole number below 2²⁴ are exact. All are above
 * 0, so that −0 keeps its sign when nothing is taken from it.
 */
const HALF_PI_HIGH: number = Math.fround(Math.PI / 2) - 2 ** -23;
const HALF_PI_MIDDLE: number = Math.PI / 2 - HALF_PI_HIGH;
const HALF_PI_LOW = 6.123233995736766e-17;

/** Up to here three parts of π/2 are enough. */
const NEAR = 2 ** 20;

/** 2/π in pieces of 24 bits: the sum of piece i times 2^(−24 (i + 1)). */
const TWO_OVER_PI = [
  0xa2f983, 0x6e4e44, 0x1529fc, 0x2757d1, 0xf534dd, 0xc0db62, 0x95993c, 0x439041,
]; // biome-ignore format: one row

/**
 * x = n π/2 + r with |r| ≤ π/4 (and a little): n modulo 4 or more as int32, r as float32.
 *
 * Near 0, n is the nearest whole number to x · 2/π, and n π/2 is subtracted part by part. Far off, x π/2 has more digits
 * than a float64: x is multiplied by 2/π piece by piece. Such a product is exact, and so is what is left of it when
 * multiples of 4, whole turns, are taken away; whole numbers among the rest are quarter turns, and count.
 */
function quarterTurns(f: FunctionBuilder, x: Local): { n: Local; r: Local } {
  const halves = promote(f, x);
  const rounder = splat(f, ROUNDER);
  const rounded = halves.map((v) => f.keep(f64x2.add(f64x2.mul(v, splat(f, 2 / Math.PI)), rounder)));
  const r = halves.map((v, i) => {
    const n = f.keep(f64x2.sub(rounded[i], rounder));
    const parts = [HALF_PI_HIGH, HALF_PI_MIDDLE, HALF_PI_LOW];
    return f.keep(parts.reduce<Value>((rest, part) => f64x2.sub(rest, f64x2.mul(n, splat(f, part))), v));
  });
  f.if(v128.anyTrue(f32x4.gt(f32x4.abs(x), f.splat(NEAR))), () => {
    halves.forEach((v, i) => {
      const [turns, rest] = f.locals('v128', 2);
      f.set(turns, rounder);
      f.set(rest, splat(f, 0));
      TWO_OVER_PI.forEach((piece, k) => {
        const product = f.keep(f64x2.mul(v, splat(f, piece * 2 ** (-24 * (k + 1)))));
        const whole = f64x2.nearest(f64x2.mul(product, splat(f, 1 / 4)));
        const sum = f.keep(f64x2.add(rest, f64x2.sub(product, f64x2.mul(whole, splat(f, 4)))));
        const quarters = f.keep(f64x2.nearest(sum));
        f.set(rest, f64x2.sub(sum, quarters));
        f.set(turns, f64x2.add(turns, quarters));
      });
      const far = f.keep(f64x2.gt(f64x2.abs(v), splat(f, NEAR)));
      f.set(rounded[i], v128.bitselect(turns, rounded[i], far));
      f.set(r[i], v128.bitselect(f64x2.mul(rest, splat(f, Math.PI / 2)), r[i], far));
    });
  });
  return {
    n: f.keep(v128.shuffle(rounded[0], rounded[1], [0, 2, 4, 6])),
    r: f.keep(demote([r[0], r[1]])),
  };
}

/** The sine of n quarter turns and r: sin r, cos r, −sin r or −cos r, by their Taylor series to r⁹ and r¹⁰. */
function sineOf(f: FunctionBuilder, n: Local, r: Local): Local {
  const square = f.keep(f32x4.mul(r, r));
  const sine = f32x4.mul(r, polynomial(f, square, [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880]));
  const cosine = polynomial(f, square, [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40320, -1 / 3628800]);
  const odd = i32x4.shrS(i32x4.shl(n, i32.const(31)), i32.const(31));
  const negative = v128.and(i32x4.shl(n, i32.const(30)), f.splat(-0));
  return f.keep(v128.xor(v128.bitselect(cosine, sine, odd), negative));
}

/** sin x with a relative error below 2e-7, for every x. */
export function sin(f: FunctionBuilder, x: Local): Local {
  const { n, r } = quarterTurns(f, x);
  return sineOf(f, n, r);
}

/** cos x, the sine of a quarter turn more, with a relative error below 2e-7, for every x. */
export function cos(f: FunctionBuilder, x: Local): Local {
  const { n, r } = quarterTurns(f, x);
  return sineOf(f, f.keep(i32x4.add(n, f.constant('i32 1', v128.const([1, 1, 1, 1])))), r);
}

/** A whole number in both lanes of 64 bits. */
function whole(f: FunctionBuilder, value: bigint): Local {
  return f.constant(`i64 ${value}`, i64x2.const(value));
}

/** The bits of a float64. */
function bitsOf(value: number): bigint {
  return new BigInt64Array(Float64Array.of(value).buffer)[0];
}

/** What the exponent of a float64 is stored with. */
const BIAS = 1023;
const [MANTISSA, LARGEST] = [i32.const(52), 200];

/**
 * log₂ a for a ≥ 0, to 12 digits. a = 2ᵉ m with m from √½ to √2, and log m = 2 atanh(s) with s = (m − 1) / (m + 1), by
 * its series to s¹³.
 */
function log2(f: FunctionBuilder, a: Local): Local {
  const exponent = f.keep(i64x2.shrU(i64x2.add(a, whole(f, bitsOf(1) - bitsOf(Math.SQRT1_2))), MANTISSA));
  const m = f.keep(i64x2.sub(a, i64x2.shl(i64x2.sub(exponent, whole(f, BigInt(BIAS))), MANTISSA)));
  // A small whole number in the last bits of 2⁵² is added to it.
  const e = f64x2.sub(v128.or(exponent, splat(f, 2 ** 52)), splat(f, 2 ** 52 + BIAS));
  const s = f.keep(f64x2.div(f64x2.sub(m, splat(f, 1)), f64x2.add(m, splat(f, 1))));
  const z = f.keep(f64x2.mul(s, s));
  const series = [1, 3, 5, 7, 9, 11, 13].map((k) => 2 / Math.LN2 / k);
  const finite = f64x2.add(e, f64x2.mul(s, doublePolynomial(f, z, series)));
  const infinity = splat(f, Number.POSITIVE_INFINITY);
  const positive = v128.bitselect(finite, a, f64x2.lt(a, infinity)); // ∞ and NaN stay
  const zero = f64x2.eq(a, splat(f, 0));
  return f.keep(v128.bitselect(splat(f, Number.NEGATIVE_INFINITY), positive, zero));
}

/** 2ᵗ to 9 digits, for |t| ≤ 200: t = n + r, the series of e^(r ln 2), and n into the exponent. */
function exp2(f: FunctionBuilder, t: Local): Local {
  const rounded = f.keep(f64x2.add(t, splat(f, ROUNDER)));
  const r = f64x2.mul(f64x2.sub(t, f64x2.sub(rounded, splat(f, ROUNDER))), splat(f, Math.LN2));
  const factorials = [1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880];
  const series = doublePolynomial(f, f.keep(r), factorials.map((factorial) => 1 / factorial)); // biome-ignore format: one step
  const power = i64x2.shl(i64x2.add(rounded, whole(f, BigInt(BIAS))), MANTISSA);
  return f.keep(f64x2.mul(series, power));
}

/**
 * x^y with a relative error below 1e-7: 2^(y log₂ |x|), with x's sign where y is odd. As in IEEE 754 and C, 1^y and x⁰ are
 * 1 for every y and x, NaN too; a negative number to a power that is not whole is NaN.
 */
export function pow(f: FunctionBuilder, x: Local, y: Local): Local {
  const bases = promote(f, f.keep(f32x4.abs(x)));
  const exponents = promote(f, y);
  const results = bases.map((a, i) => {
    const exponent = exponents[i];
    const t = f.keep(f64x2.mul(exponent, log2(f, a)));
    const isOne = v128.or(f64x2.eq(a, splat(f, 1)), f64x2.eq(exponent, splat(f, 0)));
    const bounded = f64x2.min(f64x2.max(t, splat(f, -LARGEST)), splat(f, LARGEST));
    return exp2(f, f.keep(v128.andNot(bounded, isOne)));
  });
  const magnitude = demote([results[0], results[1]]);
  const isWhole = f.keep(f32x4.eq(f32x4.nearest(y), y));
  const half = f.keep(f32x4.mul(y, f.splat(0.5)));
  const isOdd = v128.and(isWhole, f32x4.ne(f32x4.nearest(half), half));
  const signed = v128.or(magnitude, v128.and(v128.and(x, isOdd), f.splat(-0)));
  const isNegative = v128.and(f32x4.lt(x, f.splat(0)), f32x4.gt(x, f.splat(Number.NEGATIVE_INFINITY)));
  return f.keep(v128.bitselect(f.splat(Number.NaN), signed, v128.andNot(isNegative, isWhole)));
}
