/**
 * Draws a class with the probabilities of softmax(logits), by the Gumbel-max trick: adds noise −log(−log u) to each logit,
 * with a u of its own, and takes the largest.
 *
 * @param uniform the next random number between 0 and 1, never either
 * @returns the index of the class
 */
export function gumbelSample(logits: readonly number[], uniform: () => number): number {
  // #region yours
  const noisy = logits.map((logit) => logit - Math.log(-Math.log(uniform())));
  return noisy.indexOf(Math.max(...noisy));
  // #endregion
}
