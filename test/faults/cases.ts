/**
 * How much is tried: little every day, all of it in docs/experiments/faults.mjs, which sets HOPGRAD_CASES and its like and
 * reads what each test found from the report.
 */
import type { TestContext } from 'vitest';

/** How many, from the environment or as usual. */
export function howMany(variable: `HOPGRAD_${string}`, usual: number): number {
  return Number(process.env[variable] ?? usual);
}

/** HOPGRAD_SEED repeats what failed. */
export const seed: number = howMany('HOPGRAD_SEED', 0);

/** Puts figures beside a test's result in the report of `--reporter=json`. */
export function found({ task }: TestContext, figures: Record<string, unknown>): void {
  Object.assign(task.meta, { figures });
}
