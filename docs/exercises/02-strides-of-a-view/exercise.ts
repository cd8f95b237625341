// Exercise 2. Write what is missing, then: npm run learn 02
import { Hole } from '../kit/hole.ts';

/** How a tensor looks at its numbers in memory: index (i, j, …) stands at offset + i · strides[0] + j · strides[1] + …. */
export interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The same numbers with two axes swapped; nothing is copied, and the given view stays as it is. */
export function transposed(view: View, axisA: number, axisB: number): View {
  throw new Hole();
}

/** Along one axis only the elements at `from`, from + step, … before `to`; 0 ≤ from < to ≤ shape[axis], step ≥ 1. */
export function sliced(view: View, axis: number, from: number, to: number, step: number): View {
  throw new Hole();
}
