// Exercise 24. Write what is missing, then: npm run learn 24
import { Hole } from '../kit/hole.ts';

/**
 * Which of a question's options a model chooses: the one with the largest log P(option | context) per token; of equals the
 * first.
 *
 * @param options for each option the logarithms of the probabilities of its tokens, at least one
 * @returns its index
 */
export function chooseOption(options: readonly (readonly number[])[]): number {
  throw new Hole();
}
