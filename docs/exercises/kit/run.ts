/** Tries the laws of an exercise on a module, and says how far it came. */
import fc from 'fast-check';
import type { Exercise, Law } from './exercise.ts';
import { Mismatch } from './expect.ts';
import { Hole } from './hole.ts';
import { show, showGiven } from './show.ts';

/** Where it stops being true. All texts may have several lines. */
export interface Failure {
  /** The law, in words. */
  says: string;
  /** The smallest case found for which it does not hold, a line or more each: its name and its value. */
  given: [name: string, value: string][];
  /** What is compared; or what was thrown. */
  what: string;
  expected: string | null;
  got: string | null;
  /** Whether the answer threw instead of answering. */
  threw: boolean;
  /** How often fast-check made the case smaller; null for an example. */
  shrunk: number | null;
}

export interface Outcome {
  state: 'solved' | 'open' | 'wrong';
  /** The laws that hold, in words. */
  held: string[];
  failure: Failure | null;
}

/** Laws are tried in their order up to the first that fails. */
export function tryLaws<M>(exercise: Exercise<M>, module: M, seed: number): Outcome {
  const held: string[] = [];
  for (const law of exercise.laws(module)) {
    const error = tryLaw(law, seed);
    if (error instanceof Hole) return { state: 'open', held, failure: null };
    if (error) return { state: 'wrong', held, failure: error };
    held.push(law.says);
  }
  return { state: 'solved', held, failure: null };
}

function tryLaw({ says, cases, runs, test }: Law, seed: number): Hole | Failure | null {
  const body = test as (given: object) => void;
  if (!cases) {
    const error = thrownBy(() => body({}));
    return error === null || error instanceof Hole ? error : describe(says, error, [], null);
  }
  const details = fc.check(fc.property(cases, body), { seed, numRuns: runs });
  if (!details.failed) return null;
  const [smallest] = details.counterexample ?? [];
  if (smallest === undefined) throw details.errorInstance; // no case could be drawn: a mistake of the check
  const error = thrownBy(() => body(smallest)) ?? details.errorInstance;
  if (error instanceof Hole) return error;
  return describe(says, error, showGiven(smallest), details.numShrinks);
}

function thrownBy(body: () => void): unknown {
  try {
    body();
    return null;
  } catch (error) {
    return error;
  }
}

function describe(says: string, error: unknown, given: Failure['given'], shrunk: number | null): Failure {
  if (error instanceof Mismatch) {
    const [expected, got] = [show(error.expected), show(error.got)];
    return { says, given, what: error.message, expected, got, threw: false, shrunk };
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}${place(error)}` : show(error);
  return { says, given, what, expected: null, got: null, threw: true, shrunk };
}

/** The line of the reader's file. */
function place({ stack = '' }: Error): string {
  const found = /([^\s/(]+\/exercise\.ts):(\d+):\d+/.exec(stack);
  return found ? `\n(${found[1]}, line ${found[2]})` : '';
}
