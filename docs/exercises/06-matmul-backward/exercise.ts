// Exercise 6. Write what is missing, then: npm run learn 06
import type { Tensor } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/**
 * The gradients of a (M, K) and b (K, N) from the gradient (M, N) of their product.
 *
 * @returns those of a and of b, in this order
 */
export function matmulBackward(gradient: Tensor, a: Tensor, b: Tensor): [Tensor, Tensor] {
  throw new Hole();
}
