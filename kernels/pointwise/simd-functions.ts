/**
 * exp and tanh of four float32 at a time, which WebAssembly lacks: polynomials over a reduced range. Only additions,
 * multiplications and one division, each rounded once, so the bits are the same on every engine.
 */
import { type Code, f32, f32x4, i32, i32x4, v128 } from '../assembler/instructions.ts';

/** Stores a value in a register and gives the code that reads it, so that it can be used more than once. */
export type Keep = (value: Code) => Code;

const splat = (value: number): Code => f32x4.splat(f32.const(value));

/** c₀ + x (c₁ + x (c₂ + …)), from the coefficients in rising order. */
function polynomial(x: Code, coefficients: readonly number[]): Code {
  return coefficients.reduceRight<Code>(
    (sum, c) => (sum.length === 0 ? splat(c) : f32x4.add(splat(c), f32x4.mul(x, sum))),
    [],
  );
}

/**
 * e^x with a relative error below 2e-7 wherever the result is a normal number; 0 and ∞ beyond.
 *
 * x = n ln 2 + r with |r| ≤ ln 2 / 2, so e^x = 2ⁿ eʳ. ln 2 is subtracted in two parts, the first short enough that n
 * times it is exact. eʳ is its Taylor series to r⁷, and 2ⁿ goes into the exponent in two halves, since n may be 128.
 */
export function exp(keep: Keep, x: Code): Code {
  const within = keep(f32x4.min(f32x4.max(x, splat(-104)), splat(89)));
  const n = keep(f32x4.nearest(f32x4.mul(within, splat(Math.LOG2E))));
  const high = 0.693359375;
  const rough = f32x4.sub(within, f32x4.mul(n, splat(high)));
  const r = keep(f32x4.sub(rough, f32x4.mul(n, splat(Math.LN2 - high))));
  const series = keep(polynomial(r, [1, 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040]));
  const exponent = keep(i32x4.truncate(n));
  const half = keep(i32x4.shiftRight(exponent, i32.const(1)));
  const scaled = f32x4.mul(series, powerOfTwo(half));
  return f32x4.mul(scaled, powerOfTwo(i32x4.sub(exponent, half)));
}

/** 2ⁿ for whole n from −126 to 127: the exponent bits of a float32. */
function powerOfTwo(n: Code): Code {
  return i32x4.shiftLeft(i32x4.add(n, i32x4.splat(i32.const(127))), i32.const(23));
}

/**
 * tanh x with a relative error below 6e-7: with a = |x|, 1 − 2 / (e^2a + 1), or below 1/4, where that cancels, the Taylor
 * series; then x's sign.
 */
export function tanh(keep: Keep, x: Code): Code {
  const a = keep(f32x4.abs(x));
  const power = exp(keep, f32x4.add(a, a));
  const large = f32x4.sub(splat(1), f32x4.div(splat(2), f32x4.add(power, splat(1))));
  const square = keep(f32x4.mul(a, a));
  const series = polynomial(square, [1, -1 / 3, 2 / 15, -17 / 315, 62 / 2835]);
  const magnitude = v128.bitselect(f32x4.mul(a, series), large, f32x4.lessThan(a, splat(1 / 4)));
  return v128.or(magnitude, v128.and(x, splat(-0)));
}
