/**
 * How often a property is tried. HOPGRAD_RUNS=500 digs deeper than the everyday default; HOPGRAD_SEED=… repeats a run
 * that failed (the seed is in its report).
 */
import fc from 'fast-check';
import { vi } from 'vitest';

const factor = process.env.HOPGRAD_RUNS ? Number(process.env.HOPGRAD_RUNS) / 20 : 1;
const seed = process.env.HOPGRAD_SEED ? Number(process.env.HOPGRAD_SEED) : undefined;

vi.setConfig({ testTimeout: 30_000 * Math.max(1, factor) });

/** Tries `property` `runs` times (20 is usual); a failure reports name, seed, path and the smallest counterexample. */
export function holds(name: string, property: (g: fc.GeneratorValue) => void, runs = 20): void {
  const numRuns = Math.max(1, Math.ceil(runs * factor));
  fc.assert(fc.property(fc.gen(), property), {
    numRuns,
    ...(seed === undefined ? {} : { seed }),
    reporter: (details) => {
      if (!details.failed) return;
      const cause = details.errorInstance;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(
        `${name}: does not hold (try ${details.numRuns}, seed ${details.seed}, path ` +
          `${details.counterexamplePath}; repeat with HOPGRAD_SEED=${details.seed})\n${reason}`,
      );
    },
  });
}
