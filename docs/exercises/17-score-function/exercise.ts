// Exercise 17. Write what is missing, then: npm run learn 17
import { Hole } from '../kit/hole.ts';

/**
 * One sample's estimate of the gradient of the mean reward Σₖ pₖ · reward(k), with p = softmax(logits), when class `choice`
 * was drawn and brought `reward`: (reward − baseline) · ∂ log p[choice] / ∂ logits.
 *
 * @param baseline any number that does not depend on the choice
 * @returns a number a logit
 */
export function scoreFunction(
  logits: readonly number[],
  choice: number,
  reward: number,
  baseline: number,
): number[] {
  throw new Hole();
}
