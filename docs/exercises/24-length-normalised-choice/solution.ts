/**
 * Which of a question's options a model chooses: the one with the largest log P(option | context) per token; of equals the
 * first.
 *
 * @param options for each option the logarithms of the probabilities of its tokens, at least one
 * @returns its index
 */
export function chooseOption(options: readonly (readonly number[])[]): number {
  // #region yours
  const perToken = options.map((logs) => logs.reduce((sum, log) => sum + log, 0) / logs.length);
  return perToken.indexOf(Math.max(...perToken));
  // #endregion
}
