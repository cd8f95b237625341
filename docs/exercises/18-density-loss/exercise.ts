// Exercise 18. Write what is missing, then: npm run learn 18
import type { Tensor } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/**
 * The paper's density loss, Σ over layers of (r − P)²: r is the share of tokens that ran a layer.
 *
 * @param masks a layer each: (B, T, 1), 1 where a token ran and 0 where it skipped; gradients flow through them
 * @param target P
 * @returns a scalar
 */
export function densityLoss(masks: readonly Tensor[], target: number): Tensor {
  throw new Hole();
}
