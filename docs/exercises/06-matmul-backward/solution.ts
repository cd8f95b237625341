import type { Tensor } from 'hopgrad';

/**
 * The gradients of a (M, K) and b (K, N) from the gradient (M, N) of their product.
 *
 * @returns those of a and of b, in this order
 */
export function matmulBackward(gradient: Tensor, a: Tensor, b: Tensor): [Tensor, Tensor] {
  // #region yours
  return [gradient.matmul(b.transpose()), a.transpose().matmul(gradient)];
  // #endregion
}
