/** The exponential that softmax takes: of numbers that are not above 0, which saves a quarter of the work; and its sum. */
import { f32x4, i32, i32x4, type Value } from '../assembler/instructions.ts';
import type { FunctionBuilder, Local } from '../assembler/module.ts';
import {
  addToSum,
  eachVector,
  load,
  masked,
  startSum,
  store,
  together,
  totalOf,
} from '../assembler/vectors.ts';

/**
 * Added to a number between −127 and 0, this leaves no room for fractions: the sum's last bits are 127 more than the
 * nearest whole number n. Shifted to the exponent's place, they are 2ⁿ; and 0 where n is −127.
 */
const ROUNDER = 1.5 * 2 ** 23 + 127;
/** The leading digits of ln 2: so few that n times them is exact. */
const LN2_HIGH = 0.693359375;
/** e^r = 1 + r + r² (a + b r + …) with a relative error of 3e-9 where |r| ≤ ln 2 / 2. */
const SERIES = [0.49999993432, 0.16666520398, 0.04166839079, 0.00836874514, 0.00138145401];

/**
 * e^x for x ≤ 0 with a relative error below 1e-7; 0 below −87.7, where results begin to be smaller than normal numbers.
 *
 * x = n ln 2 + r with whole n and |r| ≤ ln 2 / 2, so e^x = 2ⁿ e^r. The series is added up in strands that need not wait
 * for each other, its largest terms last.
 */
export function expBelowZero(f: FunctionBuilder, x: Value): Local {
  const within = f.keep(f32x4.greater(x, f.splat(-88)));
  const rounded = f.keep(f32x4.add(f32x4.mul(within, f.splat(Math.LOG2E)), f.splat(ROUNDER)));
  const n = f.keep(f32x4.sub(rounded, f.splat(ROUNDER)));
  const rough = f32x4.sub(within, f32x4.mul(n, f.splat(LN2_HIGH)));
  const r = f.keep(f32x4.sub(rough, f32x4.mul(n, f.splat(Math.LN2 - LN2_HIGH))));
  const square = f.keep(f32x4.mul(r, r));
  const [a, b, c, d, e] = SERIES.map((coefficient) => f.splat(coefficient));
  const high = f32x4.add(f32x4.add(c, f32x4.mul(r, d)), f32x4.mul(square, e));
  const series = f32x4.add(f32x4.add(a, f32x4.mul(r, b)), f32x4.mul(square, high));
  const power = f32x4.add(f.splat(1), f32x4.add(r, f32x4.mul(square, series)));
  return f.keep(f32x4.mul(power, i32x4.shl(rounded, i32.const(23))));
}

/** A row's Σ e^(x − max), a float64; the exponentials go to the row `out`, where there is one. */
export function sumOfPowers(f: FunctionBuilder, row: Value, columns: Value, max: Value, out?: Value): Local {
  const sum = startSum(f);
  eachVector(f, columns, (lanes) => {
    const powers = load(f, lanes, row).map((value) => expBelowZero(f, f32x4.sub(value, max)));
    if (out) store(f, lanes, out, powers);
    addToSum(f, sum, together(f, masked(f, lanes, powers, f.splat(0))));
  });
  return totalOf(f, sum);
}
