// Exercise 1. Write what is missing, then: npm run learn 01
import { Hole } from '../kit/hole.ts';

/**
 * The shape of a sum of two tensors, from their shapes. Shapes are aligned at their last axes; an axis that is missing
 * counts as 1; an axis of size 1 stretches to the other's size.
 *
 * @throws Error where two sizes differ and neither of them is 1
 */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  throw new Hole();
}
