/**
 * eˣ / Σ eˣ of a row of at least one number, for numbers of any size. −Infinity has probability 0, as in a masked place;
 * at least one number is finite.
 */
export function softmax(row: readonly number[]): number[] {
  // #region yours
  const largest = Math.max(...row);
  const powers = row.map((x) => Math.exp(x - largest)); // none above 1, one of them 1
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
  // #endregion
}
