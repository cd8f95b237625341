import type { SkipMap, TokenUsage } from './types.ts';

/**
 * Number of layers that ran for each token of the map.
 *
 * @throws RangeError when a layer has not exactly one entry for each token
 */
export function layersUsed(map: SkipMap): number[] {
  map.active.forEach((row, layer) => {
    if (row.length !== map.tokens.length) {
      throw new RangeError(
        `skip map: layer ${layer + 1} has ${row.length} entries for ${map.tokens.length} tokens; give one for each`,
      );
    }
  });
  return map.tokens.map((_, token) => map.active.filter((row) => row[token]).length);
}

/** The numbers of layers a legend shows: 0, the whole, and steps between so that there are about a dozen. */
export function legendLevels(layers: number): number[] {
  const stride = Math.max(1, Math.ceil(layers / 12));
  return Array.from({ length: layers + 1 }, (_, i) => i).filter((i) => i % stride === 0 || i === layers);
}

/** The two ends of a list of usages, `count` each at most and never overlapping; deepest and shallowest first. */
export function mostAndLeast(
  usages: readonly TokenUsage[],
  count: number,
): { most: TokenUsage[]; least: TokenUsage[] } {
  const sorted = [...usages].sort((a, b) => b.meanLayers - a.meanLayers || b.count - a.count);
  const least = sorted.slice(Math.max(Math.ceil(sorted.length / 2), sorted.length - count)).reverse();
  return { most: sorted.slice(0, Math.min(count, sorted.length - least.length)), least };
}
