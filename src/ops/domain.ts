/**
 * How an op says which arguments it is defined on. Its record draws them through this interface; what stands behind it
 * (a property-testing library, a benchmark) decides at random and may shrink.
 */
import type { Shape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface ShapeChoice {
  /** Default 0. */
  minRank?: number;
  /** Default 4. */
  maxRank?: number;
  /** Smallest extent of an axis; 0 includes empty tensors. Default 0. */
  minExtent?: number;
  /** Default 4. */
  maxExtent?: number;
}

export interface ValueRange {
  /** Default −2. */
  min?: number;
  /** Default 2. */
  max?: number;
  /** Points (kinks, poles) from which every value keeps a distance of 0.05. */
  avoid?: readonly number[];
  /** No two elements closer than 0.05: for ops with kinks at ties. */
  distinct?: boolean;
}

export interface Draw {
  integer(min: number, max: number): number;
  pick<T>(choices: readonly T[]): T;
  boolean(): boolean;
  shape(choice?: ShapeChoice): number[];
  /** A shape that broadcasts with the given one: some axes 1, leading axes left out or added. */
  broadcastable(shape: Shape): number[];
  /** Some distinct axes of a rank, counted from either end, or undefined for all. */
  axes(rank: number): number[] | undefined;
  /** A random order of 0 … n−1. */
  permutation(n: number): number[];
  /** A floating tensor; it may be a transposed, sliced or expanded view. */
  tensor(shape: Shape, range?: ValueRange): Tensor;
  /** int32 indices from 0 to below − 1. */
  indices(shape: Shape, below: number): Tensor;
  /** int32 (n): 0 … n−1 in a random order. */
  order(n: number): Tensor;
  /** A bool tensor. */
  mask(shape: Shape): Tensor;
}

/** The arguments of one call, drawn at random from where the op is defined and smooth. */
export type Domain<Args extends readonly unknown[]> = (draw: Draw) => Args;
