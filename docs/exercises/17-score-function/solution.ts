/**
 * One sample's estimate of the gradient of the mean reward Σₖ pₖ · reward(k), with p = softmax(logits), when class `choice`
 * was drawn and brought `reward`: (reward − baseline) · ∂ log p[choice] / ∂ logits.
 *
 * @param baseline any number that does not depend on the choice
 * @returns a number a logit
 */
export function scoreFunction(
  logits: readonly number[],
  choice: number,
  reward: number,
  baseline: number,
): number[] {
  // #region yours
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power, k) => (reward - baseline) * ((k === choice ? 1 : 0) - power / sum));
  // #endregion
}
