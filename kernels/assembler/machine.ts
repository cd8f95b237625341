/** What SIMD kernels need of the device they run on: addresses, room for temporaries, and threads to launch parts on. */
import type { DType } from '../contract.ts';
import type { KernelFunction, Mode, ModuleBuilder } from './module.ts';

/** Numbers in a WebAssembly memory. Only `Machine.address` knows where they stand: they may be moved out and back. */
export interface LinearBuffer {
  readonly length: number;
  readonly dtype: DType;
}

export interface Machine {
  readonly mode: Mode;
  /** Makes a module of kernels ready to be launched; returns what `emit` returns. */
  module<T>(emit: (module: ModuleBuilder) => T): T;
  /**
   * Runs parts 0 … parts − 1 of a kernel, on several threads where there is more than one, and waits for all of them.
   * How the work is cut must follow from its size alone, so that results do not depend on the number of threads.
   */
  launch(kernel: KernelFunction, parts: number, ...args: number[]): void;
  /** The byte address of a view's first element. It holds until the kernel returns. */
  address(view: { readonly buffer: LinearBuffer; readonly offset: number; readonly dtype: DType }): number;
  /** The byte address (a multiple of 64) of room for temporary numbers, valid until the next call. */
  scratch(bytes: number): number;
  /** The byte address of 256 bytes of zeros. */
  readonly zeros: number;
  /** The whole memory as int32, valid until memory is next asked for: to hand tables to kernels. */
  ints(): Int32Array;
}

/** Work of this size, in elements of some arithmetic each, is worth a part of its own: some microseconds. */
const PART = 16384;
const MOST_PARTS = 64;

/**
 * Cuts `count` pieces of work (rows, tiles, …) into parts of `perPart`, the last of which may be smaller.
 *
 * @param weight elements in one piece; twice as many where an element costs twice as much as an addition and its loads
 */
export function cut(count: number, weight: number): { perPart: number; parts: number } {
  const perPart = Math.max(1, Math.ceil(PART / Math.max(weight, 1)), Math.ceil(count / MOST_PARTS));
  return { perPart, parts: Math.ceil(count / perPart) };
}

/** Makes something once, when it is first needed. */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
