import type { Estimate } from './types.ts';

/**
 * From where to where a scale goes that shows all values, and of their intervals what is not wider than the values
 * themselves lie apart: with two or three seeds some are so wide that nothing else would be seen.
 */
export function intervalDomain(estimates: readonly Estimate[], seeds: readonly number[]): [number, number] {
  const values = [...seeds, ...estimates.map(({ mean }) => mean)].filter(Number.isFinite);
  if (values.length === 0) return [0, 1];
  const apart = Math.max(...values) - Math.min(...values);
  const reach = ({ half }: Estimate): number => Math.min(Number.isFinite(half) ? half : 0, apart / 2);
  const low = Math.min(...values, ...estimates.map((one) => one.mean - reach(one)));
  const high = Math.max(...values, ...estimates.map((one) => one.mean + reach(one)));
  const margin = 0.04 * (high - low) || 0.01;
  return [low - margin, high + margin];
}

/** The ends of an interval, where they lie outside the scale at its ends. */
export function intervalEnds(
  { mean, half }: Estimate,
  [low, high]: readonly [number, number],
): [number, number] {
  return [Math.max(low, mean - half), Math.min(high, mean + half)];
}
