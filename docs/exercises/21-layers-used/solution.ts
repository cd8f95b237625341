import { type Tensor, zeros } from 'hopgrad';

/**
 * How many layers each token of a batch ran, (B, T).
 *
 * @param routes a layer each: (B, T, 1) bool, which tokens ran it; null for a layer without a router, which all tokens run
 * @param shape [B, T]
 */
export function layersUsed(routes: readonly (Tensor | null)[], shape: readonly [number, number]): Tensor {
  // #region yours
  let used = zeros(shape);
  for (const active of routes) used = used.add(active ? active.squeeze(-1).to('float32') : 1);
  return used;
  // #endregion
}
