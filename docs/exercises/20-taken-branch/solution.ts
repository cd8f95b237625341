import type { Tensor } from 'hopgrad';

/**
 * The backward rule of a routed layer by estimator B. The forward was c · (y where active, x elsewhere), where the
 * coefficient c has the value 1 and the gradient of the probability of what was chosen.
 *
 * @param delta the gradient of the output, (N, D)
 * @param active (N, 1) bool
 * @param x the layer's input, (N, D)
 * @param y its branch's result, (N, D). Rows of skipped tokens were never computed: anything may stand there, NaN too
 * @returns the gradients of c (N, 1), of x and of y (N, D)
 */
export function takenBranchBackward(
  delta: Tensor,
  active: Tensor,
  x: Tensor,
  y: Tensor,
): { c: Tensor; x: Tensor; y: Tensor } {
  // #region yours
  const output = active.where(y, x);
  return {
    c: delta.mul(output).sum(-1, { keepDim: true }),
    x: active.where(0, delta),
    y: active.where(delta, 0),
  };
  // #endregion
}
