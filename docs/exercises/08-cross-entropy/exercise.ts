// Exercise 8. Write what is missing, then: npm run learn 08
import type { Tensor } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/**
 * Cross-entropy, the mean over rows of −log softmax(logits)[target], and its gradient for the logits.
 *
 * @param logits (N, V)
 * @param targets (N) int32, each from 0 to V − 1
 */
export function crossEntropy(logits: Tensor, targets: Tensor): { loss: number; gradient: Tensor } {
  throw new Hole();
}
