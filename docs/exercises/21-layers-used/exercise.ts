// Exercise 21. Write what is missing, then: npm run learn 21
import { type Tensor, zeros } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/**
 * How many layers each token of a batch ran, (B, T).
 *
 * @param routes a layer each: (B, T, 1) bool, which tokens ran it; null for a layer without a router, which all tokens run
 * @param shape [B, T]
 */
export function layersUsed(routes: readonly (Tensor | null)[], shape: readonly [number, number]): Tensor {
  throw new Hole();
}
