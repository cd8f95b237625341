import type { Tensor } from 'hopgrad';

/**
 * Cross-entropy, the mean over rows of −log softmax(logits)[target], and its gradient for the logits.
 *
 * @param logits (N, V)
 * @param targets (N) int32, each from 0 to V − 1
 */
export function crossEntropy(logits: Tensor, targets: Tensor): { loss: number; gradient: Tensor } {
  // #region yours
  const [rows, classes] = logits.shape;
  const logs = logits.logSoftmax(); // (N, V)
  const right = targets.oneHot(classes).to(logits.dtype); // (N, V), 1 at the target
  return {
    loss: -logs.mul(right).sum().item() / rows,
    gradient: logs.exp().sub(right).div(rows),
  };
  // #endregion
}
