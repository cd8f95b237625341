/**
 * How often a property is tried, and what a failure says.
 *
 *   HOPGRAD_CASES=1000              tries every property so often (`npm run test:deep`)
 *   HOPGRAD_SEED=… HOPGRAD_PATH=…   repeats a failure from its report: goes straight to the case that failed and
 *                                   shrinks it again, the same way
 */
import fc from 'fast-check';
import { TestRunner, vi } from 'vitest';

const { HOPGRAD_CASES, HOPGRAD_SEED, HOPGRAD_PATH } = process.env;
const askedCases = HOPGRAD_CASES ? Number(HOPGRAD_CASES) : undefined;
const repeated = {
  ...(HOPGRAD_SEED ? { seed: Number(HOPGRAD_SEED) } : {}),
  ...(HOPGRAD_PATH ? { path: HOPGRAD_PATH } : {}),
};

vi.setConfig({ testTimeout: 30_000 * Math.max(1, (askedCases ?? 0) / 40) });

declare module 'vitest' {
  interface TaskMeta {
    /** How many cases the properties of this test were tried on. */
    cases?: number;
    /** The largest that was measured, of each thing measured. */
    largest?: Record<string, number>;
    /** What was seen at least once, of each kind. */
    seen?: Record<string, string[]>;
  }
}

/**
 * Tries `property` on `cases` random examples (20 is usual; HOPGRAD_CASES overrules). `property` draws from `g` and
 * throws where it does not hold; what it throws about the smallest example found is reported under seed and path.
 * `fixed` tries the same examples in every run, for what is costly to try on others: then HOPGRAD_CASES counts twenties.
 */
export function holds(
  name: string,
  property: (g: fc.GeneratorValue) => void,
  how: number | { cases: number; fixed: boolean } = 20,
): void {
  const { cases, fixed } = typeof how === 'number' ? { cases: how, fixed: false } : how;
  // What is costly is tried a twentieth as often.
  const asked = askedCases && fixed ? Math.ceil(askedCases / 20) : askedCases;
  const numRuns = asked ?? cases;
  fc.assert(fc.property(fc.gen(), property), {
    numRuns,
    ...(fixed && askedCases === undefined ? { seed: 1 } : {}),
    ...repeated,
    reporter: (details) => {
      if (!details.failed) return;
      const { seed, counterexamplePath: path, errorInstance: cause } = details;
      const reason = cause instanceof Error ? cause.message : String(cause ?? 'too few cases fit it');
      // How fc.gen shrinks depends on what the property asks for, so of the path only the first step can be walked again.
      const failed = path?.split(':')[0];
      throw new Error(
        `${name}: does not hold (try ${details.numRuns}, seed ${seed}, path ${path}; ` +
          `repeat with HOPGRAD_SEED=${seed} HOPGRAD_PATH=${failed})\n${reason}`,
      );
    },
  });
  // Deep runs count what they tried from here.
  const test = TestRunner.getCurrentTest();
  if (test) test.meta.cases = (test.meta.cases ?? 0) + numRuns;
}

/** Keeps the largest value of something that a test measures: what docs/experiments/op-table.mjs collects. */
export function measured(what: string, value: number): void {
  const meta = TestRunner.getCurrentTest()?.meta;
  if (meta) meta.largest = { ...meta.largest, [what]: Math.max(meta.largest?.[what] ?? 0, value) };
}

/** Keeps what a test has seen, for the same reader. */
export function seen(kind: string, names: Iterable<string>): void {
  const meta = TestRunner.getCurrentTest()?.meta;
  if (meta)
    meta.seen = { ...meta.seen, [kind]: [...new Set([...(meta.seen?.[kind] ?? []), ...names])].sort() };
}
