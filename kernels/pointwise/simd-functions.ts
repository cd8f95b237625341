/**
 * Functions of four float32 at a time that WebAssembly lacks: polynomials over a reduced range. Only additions,
 * multiplications and divisions, each rounded once, so the bits are the same on every engine. What float32 cannot
 * reduce (sin, cos, pow) is in simd-double-functions.ts.
 *
 * Each adds statements to the function `f` and returns the variable that holds the result. Errors are relative ones, for
 * all numbers whose result is a normal float32; NaN, infinities and zeros give what JavaScript's own function gives.
 */
import { type Code, f32x4, i32, i32x4, type Value, v128 } from '../assembler/instructions.ts';
import type { FunctionBuilder, Local } from '../assembler/module.ts';

/** c₀ + x (c₁ + x (c₂ + …)), from the coefficients in rising order. */
export function polynomial(f: FunctionBuilder, x: Value, coefficients: readonly number[]): Value {
  return coefficients.map((c): Value => f.splat(c)).reduceRight((sum, c) => f32x4.add(c, f32x4.mul(x, sum)));
}

/** Added to a number below 2²², this leaves no room for fractions: the sum's last bits are the nearest whole number. */
const ROUNDER = 1.5 * 2 ** 23;

/**
 * The leading 12 bits of ln 2: so few that their product with an exponent is exact. The rest is above 0, so that −0 keeps
 * its sign when nothing is taken from it.
 */
const LN2_HIGH = 0.693115234375;

/**
 * (eʳ − 1) / r for |r| ≤ ln 2 / 2 in rising powers of r: Taylor's 1/n! but for the last digits, which are fitted so that
 * six terms do where eight would (the largest relative error is 1.3e-8).
 */
const EXPONENTIAL = [1, 0.49999997, 0.16666543, 0.0416672, 0.0083665475, 0.0013882517];

/** ln 2 in two parts, which add up to more digits than a float32 has. */
const LN2: readonly number[] = [LN2_HIGH, Math.LN2 - LN2_HIGH];

/**
 * x = n ln 2 + r with whole n and |r| ≤ ln 2 / 2; p = eʳ − 1. `bits` has n in its last bits.
 *
 * @param parts that make ln 2
 */
function reduce(f: FunctionBuilder, x: Value, parts = LN2): { n: Local; bits: Local; p: Local } {
  const given = f.keep(x);
  const bits = f.keep(f32x4.add(f32x4.mul(given, f.splat(Math.LOG2E)), f.splat(ROUNDER)));
  const n = f.keep(f32x4.sub(bits, f.splat(ROUNDER)));
  const r = f.keep(parts.reduce<Value>((rest, part) => f32x4.sub(rest, f32x4.mul(n, f.splat(part))), given));
  return { n, bits, p: f.keep(f32x4.mul(r, polynomial(f, r, EXPONENTIAL))) };
}

/** What the exponent of a float32 is stored with. */
const BIAS = 127;

/** n + added as int32, from the `bits` of `reduce`. */
function wholePlus(f: FunctionBuilder, bits: Value, added: number): Code {
  const rounder = new Int32Array(Float32Array.of(ROUNDER).buffer)[0];
  return i32x4.sub(
    bits,
    f.constant(`i32 rounder − ${added}`, v128.const(new Array(4).fill(rounder - added))),
  );
}

/** The float32 with this exponent, its bias included, from 1 to 254. */
function powerOfTwo(biased: Value): Code {
  return i32x4.shl(biased, i32.const(23));
}

/**
 * e^x with a relative error below 2e-7 wherever the result is a normal number; 0 and ∞ beyond.
 *
 * x = n ln 2 + r, so e^x = 2ⁿ eʳ, and eʳ is a polynomial. 2ⁿ goes into the exponent in two halves, since n may be 128.
 */
export function exp(f: FunctionBuilder, x: Value): Local {
  const { bits, p } = reduce(f, f32x4.lesser(f32x4.greater(x, f.splat(-104)), f.splat(89)));
  const both = f.keep(wholePlus(f, bits, 2 * BIAS));
  const half = f.keep(i32x4.shrS(both, i32.const(1)));
  const scaled = f32x4.mul(f32x4.add(p, f.splat(1)), powerOfTwo(half));
  return f.keep(f32x4.mul(scaled, powerOfTwo(i32x4.sub(both, half))));
}

/**
 * e^x − 1 with a relative error below 3e-7; −1 and ∞ beyond.
 *
 * With p = eʳ − 1: 2ⁿ p + (2ⁿ − 1). Half of it is computed, since n may be 128, and doubled. Where n is 0 it is p itself,
 * denormal numbers included.
 */
export function expm1(f: FunctionBuilder, x: Value): Local {
  const { n, bits, p } = reduce(f, f32x4.lesser(f32x4.greater(x, f.splat(-20)), f.splat(89)));
  const power = f.keep(powerOfTwo(wholePlus(f, bits, BIAS - 1)));
  const half = f.keep(f32x4.sub(f32x4.mul(power, p), f32x4.sub(f.splat(0.5), power)));
  return f.keep(v128.bitselect(p, f32x4.add(half, half), f32x4.eq(n, f.splat(0))));
}

/**
 * tanh x with a relative error below 4e-7: t / (t + 2) with t = e^2x − 1, which cancels nowhere. From 10 on it is 1. One
 * float32 is enough of ln 2 here: where n is large, t hardly matters.
 */
export function tanh(f: FunctionBuilder, x: Value): Local {
  const twice = f32x4.add(x, x);
  const within = f32x4.lesser(f32x4.greater(twice, f.splat(-20)), f.splat(20));
  const { bits, p } = reduce(f, within, [Math.LN2]);
  const power = f.keep(powerOfTwo(wholePlus(f, bits, BIAS)));
  // 1 − 2ⁿ is subtracted, rather than 2ⁿ − 1 added: −0 − 0 is −0.
  const t = f.keep(f32x4.sub(f32x4.mul(power, p), f32x4.sub(f.splat(1), power)));
  return f.keep(f32x4.div(t, f32x4.add(t, f.splat(2))));
}

/**
 * 1 / (1 + e^−x) with a relative error below 3e-7, as e^x / (e^x + 1), which cancels nowhere; 0 below −87.7, where results
 * begin to be smaller than normal numbers. From 18 on it is 1.
 */
export function sigmoid(f: FunctionBuilder, x: Value): Local {
  const { bits, p } = reduce(f, f32x4.lesser(f32x4.greater(x, f.splat(-88)), f.splat(18)));
  const power = f.keep(powerOfTwo(wholePlus(f, bits, BIAS))); // 0 for 2⁻¹²⁷
  const e = f.keep(f32x4.add(f32x4.mul(power, p), power));
  return f.keep(f32x4.div(e, f32x4.add(e, f.splat(1))));
}

/** √½ as the bits of a float32: the smallest m below. */
const ROOT_HALF = 0x3f3504f3;

/**
 * log x with a relative error below 2e-7; −∞ at 0, NaN below.
 *
 * x = 2ᵉ m with m from √½ to √2, so log x = e ln 2 + log m, and log m = 2 atanh(s) with s = (m − 1) / (m + 1), by its
 * series to s⁹. With d = m − 1 the largest term, d − d²/2, is added last, as is e times the leading digits of ln 2.
 */
export function log(f: FunctionBuilder, x: Value): Local {
  const tiny = f.keep(f32x4.lt(x, f.splat(2 ** -126)));
  const normal = f.keep(v128.bitselect(f32x4.mul(x, f.splat(2 ** 25)), x, tiny));
  const rootHalf = f.constant('i32 √½', v128.const(new Array(4).fill(ROOT_HALF)));
  const exponent = f.keep(i32x4.shrS(i32x4.sub(normal, rootHalf), i32.const(23)));
  const m = i32x4.sub(normal, i32x4.shl(exponent, i32.const(23)));
  const e = f.keep(f32x4.sub(f32x4.convertS(exponent), v128.and(f.splat(25), tiny)));
  const d = f.keep(f32x4.sub(m, f.splat(1)));
  const s = f.keep(f32x4.div(d, f32x4.add(d, f.splat(2))));
  const z = f.keep(f32x4.mul(s, s));
  const series = f32x4.mul(z, polynomial(f, z, [2 / 3, 2 / 5, 2 / 7, 2 / 9]));
  const half = f.keep(f32x4.mul(f32x4.mul(f.splat(0.5), d), d));
  const low = f32x4.mul(e, f.splat(Math.LN2 - LN2_HIGH));
  const small = f32x4.add(f32x4.mul(s, f32x4.add(half, series)), low);
  const result = f32x4.sub(f32x4.mul(e, f.splat(LN2_HIGH)), f32x4.sub(f32x4.sub(half, small), d));
  const infinity = f.splat(Number.POSITIVE_INFINITY);
  const finite = f.keep(v128.bitselect(infinity, result, f32x4.eq(x, infinity)));
  const positive = f.keep(v128.bitselect(f.splat(Number.NEGATIVE_INFINITY), finite, f32x4.eq(x, f.splat(0))));
  return f.keep(v128.bitselect(positive, f.splat(Number.NaN), f32x4.ge(x, f.splat(0))));
}

/**
 * log(1 + x) with a relative error below 4e-7; −∞ at −1, NaN below.
 *
 * With u = 1 + x, rounded: log u, and what the rounding left out, x − (u − 1), times the slope 1 / u there. Where u is 0
 * or ∞ nothing was left out.
 */
export function log1p(f: FunctionBuilder, x: Value): Local {
  const given = f.keep(x);
  const u = f.keep(f32x4.add(given, f.splat(1)));
  const missing = f.keep(f32x4.div(f32x4.sub(given, f32x4.sub(u, f.splat(1))), u));
  const finite = f32x4.lt(f32x4.abs(missing), f.splat(Number.POSITIVE_INFINITY));
  const result = f32x4.add(log(f, u), v128.and(missing, finite));
  return f.keep(v128.or(result, v128.and(given, f.splat(-0)))); // it has x's sign, also at −0
}

/**
 * log(1 − erf x) from 3/4 to 4, by rising powers of x: fitted so that the largest relative error of erf is the smallest
 * (3e-9). test/kernels/simd-functions.test.ts says how far the float32 result is off.
 */
const LOG_ERFC = [
  -2.1405922e-5, -1.1284335, -0.63584155, -0.10516485, 0.022848476, -0.0032058212, 0.00021317755,
];

/** 2/√π (−1)ⁿ / (n! (2n + 1)) for n = 0, 1, …: the Maclaurin series of erf(x) / x in powers of x². */
const ERF_SERIES: readonly number[] = [1, -3, 10, -42, 216, -1320, 9360, -75600].map(
  (divisor) => 2 / Math.sqrt(Math.PI) / divisor,
);

/**
 * erf x with a relative error below 3e-7: its series below 3/4, 1 − e^P(x) with a polynomial P above. From 4 on it is 1.
 */
export function erf(f: FunctionBuilder, x: Value): Local {
  const given = f.keep(x);
  const a = f.keep(f32x4.lesser(f32x4.abs(given), f.splat(4)));
  const large = f32x4.sub(f.splat(1), exp(f, polynomial(f, a, LOG_ERFC)));
  const square = f.keep(f32x4.mul(a, a));
  const series = f32x4.mul(a, polynomial(f, square, ERF_SERIES));
  const magnitude = v128.bitselect(series, large, f32x4.lt(a, f.splat(3 / 4)));
  return f.keep(v128.or(magnitude, v128.and(given, f.splat(-0))));
}

/** −1, ±0, 1 or NaN. */
export function sign(f: FunctionBuilder, x: Value): Local {
  const given = f.keep(x);
  const one = v128.or(f.splat(1), v128.and(given, f.splat(-0)));
  return f.keep(v128.bitselect(one, given, f32x4.gt(f32x4.abs(given), f.splat(0))));
}
