/** The part of the WebAssembly interface that is used here, typed by hand: the DOM's types are no part of this build. */

export interface WebAssemblyMemory {
  /**
   * Replaced by a longer one when the memory grows: arrays over the old one then have length 0, or, where the memory is
   * shared between threads, stay as they are.
   */
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB. Throws RangeError where there are no more. */
  grow(pages: number): number;
}

export interface WebAssemblyInterface {
  readonly Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Record<string, Record<string, unknown>>,
  ) => { readonly exports: Record<string, WebAssemblyFunction> };
  validate(bytes: Uint8Array): boolean;
}

export type WebAssemblyFunction = (...numbers: number[]) => void;

/** WebAssembly where the platform has it. */
export const webAssembly: WebAssemblyInterface | undefined = (
  globalThis as { WebAssembly?: WebAssemblyInterface }
).WebAssembly;
