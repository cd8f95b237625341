/** Drawing what questions are made of. */
import type { Random } from '../../tensor/random.ts';

export const LETTERS = 'BDFKMRTW';
/** Fewer, for tasks in which every letter is looked for among the others. */
export const FEW_LETTERS = 'BDFKMR';
export const DIGITS = '0123456789';

/** `count` different ones, in random order. */
export function distinct<T>(random: Random, from: Iterable<T>, count: number): T[] {
  const all = [...from];
  return Array.from(random.shuffle(all.length).subarray(0, count), (i) => all[i]);
}

/** All of them, in random order. */
export function shuffled<T>(random: Random, all: readonly T[]): T[] {
  return distinct(random, all, all.length);
}

/** Any one. */
export function pick<T>(random: Random, from: ArrayLike<T>): T {
  return from[random.int(from.length)];
}

/** `count` times any one. */
export function several<T>(random: Random, from: ArrayLike<T>, count: number): T[] {
  return Array.from({ length: count }, () => pick(random, from));
}

/** The others. */
export function without<T>(all: readonly T[], one: T): T[] {
  return all.filter((other) => other !== one);
}
