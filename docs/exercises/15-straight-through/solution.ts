import type { Tensor } from 'hopgrad';

/**
 * The values of `hard` with the gradient of `soft`: what depends on it sees the decision, and what it was decided from is
 * told as though it had been soft. Both of one shape.
 */
export function straightThrough(soft: Tensor, hard: Tensor): Tensor {
  // #region yours
  return soft.add(hard.sub(soft).detach());
  // #endregion
}
