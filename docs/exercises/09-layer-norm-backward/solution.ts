import type { Tensor } from 'hopgrad';

/**
 * The gradient of x from that of y = (x − mean) / √(variance + ε), along the last axis: layer norm without its weight and
 * bias. All (N, D); the variance is the mean of the squares, Σ (x − mean)² / D.
 */
export function layerNormBackward(gradient: Tensor, x: Tensor, epsilon: number): Tensor {
  // #region yours
  const mean = (t: Tensor): Tensor => t.mean(-1, { keepDim: true }); // (N, 1)
  const centred = x.sub(mean(x));
  const scale = mean(centred.square()).add(epsilon).sqrt(); // (N, 1)
  const y = centred.div(scale);
  return gradient
    .sub(mean(gradient))
    .sub(y.mul(mean(gradient.mul(y))))
    .div(scale);
  // #endregion
}
