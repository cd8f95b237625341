/** What an exercise is made of: laws, which hold for every right answer, and some examples to read. */
import type fc from 'fast-check';

/** One thing that must be true. */
export interface Law {
  /** In words, as the reader sees it. */
  says: string;
  /** What it is said of; null for an example, which is about itself. */
  cases: fc.Arbitrary<object> | null;
  /** How many cases are tried. */
  runs: number;
  /** Throws where it does not hold: a Mismatch, or whatever the reader's code throws. */
  test: (given: never) => void;
}

/** @typeParam M what exercise.ts exports */
export interface Exercise<M> {
  title: string;
  /** The chapter of the book that it belongs to. */
  chapter: number;
  /** What to do, in one sentence. */
  task: string;
  /** From the easy to the telling: the first that fails is the one that is shown. */
  laws: (module: M) => Law[];
}

export function exercise<M>(definition: Exercise<M>): Exercise<M> {
  return definition;
}

/** Wrong answers that somebody may well give, each a module in place of exercise.ts; the laws must catch every one. */
export function nearMisses<M>(misses: readonly NearMiss<M>[]): readonly NearMiss<M>[] {
  return misses;
}

export type NearMiss<M> = M & {
  /** What is wrong with it. */
  mistake: string;
};

/** A case to read. */
export function example(says: string, test: () => void): Law {
  return { says, cases: null, runs: 1, test };
}

/** Something that holds for all of the cases that can be drawn. */
export function law<T extends object>(
  says: string,
  cases: fc.Arbitrary<T>,
  test: (given: T) => void,
  { runs = 100 }: { runs?: number } = {},
): Law {
  return { says, cases, runs, test };
}
