// Exercise 16. Write what is missing, then: npm run learn 16
import { Hole } from '../kit/hole.ts';

/**
 * Draws a class with the probabilities of softmax(logits), by the Gumbel-max trick: adds noise −log(−log u) to each logit,
 * with a u of its own, and takes the largest.
 *
 * @param uniform the next random number between 0 and 1, never either
 * @returns the index of the class
 */
export function gumbelSample(logits: readonly number[], uniform: () => number): number {
  throw new Hole();
}
