/**
 * Tensors as mathematics has them: a shape and a function from index to value. Slow and plain, to compare with.
 */
import type { Nested } from '../../src/index.ts';

export interface Naive {
  readonly shape: readonly number[];
  readonly at: (index: readonly number[]) => number;
}

/** Numbers in reading order, seen in a shape. */
export function naive(shape: readonly number[], values: ArrayLike<number>): Naive {
  return { shape, at: (index) => values[index.reduce((place, i, axis) => place * shape[axis] + i, 0)] };
}

/** All indices of a shape in reading order. */
export function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, extent) =>
      prefixes.flatMap((prefix) => Array.from({ length: extent }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** The values in reading order. */
export function valuesOf({ shape, at }: Naive): number[] {
  return indicesOf(shape).map(at);
}

/** The values as nested lists, as `toArray` gives them. */
export function nestedOf({ shape, at }: Naive, prefix: readonly number[] = []): Nested {
  if (prefix.length === shape.length) return at(prefix);
  return Array.from({ length: shape[prefix.length] }, (_, i) => nestedOf({ shape, at }, [...prefix, i]));
}
