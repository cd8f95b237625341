import type { Tensor } from 'hopgrad';

/**
 * The gradient of x from that of s = softmax(x) along the last axis; all (N, V).
 *
 * @param s what the forward returned: the rule needs no x
 */
export function softmaxBackward(gradient: Tensor, s: Tensor): Tensor {
  // #region yours
  const mean = gradient.mul(s).sum(-1, { keepDim: true }); // (N, 1): the gradient, weighted by s
  return s.mul(gradient.sub(mean));
  // #endregion
}
