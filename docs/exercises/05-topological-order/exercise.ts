// Exercise 5. Write what is missing, then: npm run learn 05
import { Hole } from '../kit/hole.ts';

/** A result in a graph, and the results it was computed from. */
export interface Node {
  readonly name: string;
  readonly inputs: readonly Node[];
}

/**
 * Everything that `output` was computed from, itself included: each node once, and before all of its inputs, so that a walk
 * along the list has heard from every reader of a node before it comes to it.
 */
export function backwardOrder(output: Node): Node[] {
  throw new Hole();
}
