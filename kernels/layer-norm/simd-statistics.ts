/** What layer normalisation needs to know of a row: its mean, how far elements are from it, and 1 / √(variance + ε). */
import { f32, f32x4, f64, f64x2, type Value } from '../assembler/instructions.ts';
import type { FunctionBuilder, Local } from '../assembler/module.ts';
import { addToSum, eachVector, highHalf, load, masked, startSum, totalOf } from '../assembler/vectors.ts';

/** How many elements a row has, and 1 / that, as float64. */
export interface Count {
  readonly count: Local;
  readonly inverse: Local;
}

export function countOf(f: FunctionBuilder, columns: Value): Count {
  const count = f.keep(f64.convertS(columns), 'f64');
  return { count, inverse: f.keep(f64.div(f64.const(1), count), 'f64') };
}

/** A row's mean as the sum of two float32, each in every lane. */
export interface Mean {
  readonly high: Local;
  readonly low: Local;
}

/** The mean of equal elements is that element: their sum in float64 is exact, and so it is divided, not multiplied. */
export function meanOf(f: FunctionBuilder, row: Value, columns: Value, { count }: Count): Mean {
  const sum = startSum(f);
  eachVector(f, columns, (lanes) => addToSum(f, sum, masked(f, lanes, load(f, lanes, row), f.splat(0))));
  const mean = f.keep(f64.div(totalOf(f, sum), count), 'f64');
  const high = f.keep(f32.demote(mean), 'f32');
  const low = f32.demote(f64.sub(mean, f64.promote(high)));
  return { high: f.keep(f32x4.splat(high)), low: f.keep(f32x4.splat(low)) };
}

/** How far elements are from the mean: the first difference is exact where they are near it. */
export function deviations(f: FunctionBuilder, values: readonly Local[], { high, low }: Mean): Local[] {
  return values.map((value) => f.keep(f32x4.sub(f32x4.sub(value, high), low)));
}

/** sum += values², which would overflow in float32. */
export function addSquares(f: FunctionBuilder, sum: readonly Local[], values: readonly Local[]): void {
  values.forEach((value, i) => {
    [f64x2.promoteLow(value), f64x2.promoteLow(highHalf(value))].forEach((half, j) => {
      const wide = f.keep(half);
      f.set(sum[2 * i + j], f64x2.add(sum[2 * i + j], f64x2.mul(wide, wide)));
    });
  });
}

/** 1 / √(variance + ε), a float64, from the sum of squared deviations. */
export function rstdOf(
  f: FunctionBuilder,
  squares: readonly Local[],
  { inverse }: Count,
  epsilon: Value,
): Local {
  const variance = f64.mul(totalOf(f, squares), inverse);
  const root = f64.sqrt(f64.add(variance, f64.promote(epsilon)));
  return f.keep(f64.div(f64.const(1), root), 'f64');
}
