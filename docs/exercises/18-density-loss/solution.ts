import type { Tensor } from 'hopgrad';

/**
 * The paper's density loss, Σ over layers of (r − P)²: r is the share of tokens that ran a layer.
 *
 * @param masks a layer each: (B, T, 1), 1 where a token ran and 0 where it skipped; gradients flow through them
 * @param target P
 * @returns a scalar
 */
export function densityLoss(masks: readonly Tensor[], target: number): Tensor {
  // #region yours
  return masks.map((mask) => mask.mean().sub(target).square()).reduce((total, term) => total.add(term));
  // #endregion
}
