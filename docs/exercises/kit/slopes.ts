/** Slopes without any rule for them: a function is asked what it is a little to both sides. */
import { fromTypedArray, type Tensor } from 'hopgrad';

const STEP = 1e-3;

/**
 * The slopes of Σ gradient · f(inputs) for every number of every input, by five-point differences as in the library's
 * gradcheck, rounded to nine digits. Inputs are float64; f is smooth there.
 */
export function slopes(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  gradient: Tensor,
): Tensor[] {
  return inputs.map((input, which) => {
    const values = Float64Array.from(input.toTypedArray());
    const at = (i: number, change: number): number => {
      const moved = fromTypedArray(values.with(i, values[i] + change), input.shape);
      return f(...inputs.with(which, moved))
        .mul(gradient)
        .sum()
        .item();
    };
    const slope = values.map((_, i) => {
      const [far, near] = [at(i, 2 * STEP) - at(i, -2 * STEP), at(i, STEP) - at(i, -STEP)];
      return Math.round(((8 * near - far) / (12 * STEP)) * 1e9) / 1e9 + 0; // + 0: 0 and not −0
    });
    return fromTypedArray(slope, input.shape);
  });
}
