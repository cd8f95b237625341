/** Pearson's test of whether counts come from a law, for draws with fixed seeds. */

/** Σ (found − expected)² / expected. */
export function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, i) => sum + (count - expected[i]) ** 2 / expected[i], 0);
}

/**
 * What one fair sampler in a thousand exceeds, by Wilson and Hilferty's approximation (3 % off for one degree of
 * freedom, less for more).
 */
export function chiSquareLimit(degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - spread + 3.0902 * Math.sqrt(spread)) ** 3;
}

/** How many of the values fall into each of `bins` ranges that are equally likely under a cumulative distribution. */
export function countsInBins(
  values: ArrayLike<number>,
  bins: number,
  cumulative: (x: number) => number,
): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++)
    counts[Math.min(bins - 1, Math.floor(cumulative(values[i]) * bins))]++;
  return counts;
}
