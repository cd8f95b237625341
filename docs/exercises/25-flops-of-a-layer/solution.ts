export interface LayerSize {
  /** Width of the residual stream, D. */
  dim: number;
  /** Width of the feed-forward's hidden layer. */
  hidden: number;
  /** How many keys a token reads. */
  keys: number;
  /** P, the share of tokens that run the layer. */
  density: number;
}

/**
 * Floating-point operations of a SkipLayer per token, in the mean: those of its products alone. A product and the addition
 * of it count as two.
 *
 * Every token: its key and its value (D × D each), and the router's two logits (D × 2). A token that runs, besides: query
 * and output (D × D each), a score for each key (D products each) and their weighted sum of values (as many), and the
 * feed-forward (D × hidden, and hidden × D).
 */
export function flopsOfLayer({ dim, hidden, keys, density }: LayerSize): number {
  // #region yours
  const always = 2 * dim * dim + 2 * dim; // multiplications
  const running = 2 * dim * dim + 2 * dim * keys + 2 * dim * hidden;
  return 2 * (always + density * running);
  // #endregion
}
