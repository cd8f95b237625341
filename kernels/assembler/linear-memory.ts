/** How SIMD kernels see the memory that their numbers live in. */
import type { DType } from '../contract.ts';
import type { WebAssemblyMemory } from './webassembly.ts';

/** Numbers in a WebAssembly memory. Kernels take the byte offset, never an array: arrays do not survive growth. */
export interface LinearBuffer {
  readonly offset: number;
  readonly length: number;
  readonly dtype: DType;
}

export interface LinearMemory {
  readonly memory: WebAssemblyMemory;
  /** The whole memory as float32, valid until the next allocation. */
  floats(): Float32Array;
  /** The byte offset of room for temporary numbers, valid until the next call. */
  scratch(bytes: number): number;
}

/** The byte address of a float32 view's first element. */
export function addressOf(view: { readonly buffer: LinearBuffer; readonly offset: number }): number {
  return view.buffer.offset + 4 * view.offset;
}
