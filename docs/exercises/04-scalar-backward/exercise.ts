// Exercise 4. Write what is missing, then: npm run learn 04
import { Hole } from '../kit/hole.ts';

/** One step of a computation with plain numbers: how its value was made from the values of earlier steps. */
export interface Step {
  op: 'input' | 'add' | 'mul' | 'sin';
  /** Which steps it read: none, one (sin) or two (add, mul). */
  inputs: readonly number[];
  /** What came out. */
  value: number;
}

/** ∂(the last step) / ∂(each step), from the steps in the order in which they were computed. */
export function slopes(tape: readonly Step[]): number[] {
  throw new Hole();
}
