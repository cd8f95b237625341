/**
 * One growing WebAssembly memory and who has which part of it. Blocks come in size classes, four to each power of two;
 * a released block waits in the list of its class for the next request of that class. Nothing ever moves.
 */
import type { LinearBuffer, LinearMemory } from '../../kernels/assembler/linear-memory.ts';
import { type WebAssemblyMemory, webAssembly } from '../../kernels/assembler/webassembly.ts';
import { bytesPerElement, type DType, type TypedArray } from './device.ts';

const PAGE = 65536;
const SMALLEST = 64;

/** A part of the memory; its offset is −1 once it has been released. */
interface Block extends LinearBuffer {
  offset: number;
}

export class WasmMemory implements LinearMemory {
  readonly memory: WebAssemblyMemory;
  /** Bytes in blocks that are in use. */
  liveBytes = 0;
  #top = SMALLEST;
  #scratch: Block | null = null;
  #floats = new Float32Array(0);
  readonly #free = new Map<number, number[]>();
  /** Takes back blocks that nobody released and nobody can reach any more: what users made outside any scope. */
  readonly #lost = new FinalizationRegistry<{ offset: number; size: number }>(({ offset, size }) => {
    this.#takeBack(offset, size);
  });

  constructor() {
    if (!webAssembly) throw new Error('WebAssembly is not available here');
    this.memory = new webAssembly.Memory({ initial: 1 });
  }

  /** @throws Error when the memory cannot grow any further. */
  allocate(dtype: DType, length: number): LinearBuffer {
    const size = blockSize(length * bytesPerElement[dtype]);
    const offset = this.#free.get(size)?.pop() ?? this.#extend(size);
    const block: Block = { offset, length, dtype };
    this.liveBytes += size;
    this.#lost.register(block, { offset, size }, block);
    return block;
  }

  release(buffer: LinearBuffer): void {
    const block = buffer as Block;
    if (block.offset < 0) throw new Error('wasm: a block was released twice (a bug in hopgrad)');
    this.#lost.unregister(block);
    this.#takeBack(block.offset, blockSize(block.length * bytesPerElement[block.dtype]));
    block.offset = -1;
  }

  /** The numbers themselves, in place: valid until the next allocation. */
  array({ dtype, offset, length }: LinearBuffer): TypedArray {
    const { buffer } = this.memory;
    switch (dtype) {
      case 'float32':
        return new Float32Array(buffer, offset, length);
      case 'float64':
        return new Float64Array(buffer, offset, length);
      case 'int32':
        return new Int32Array(buffer, offset, length);
      case 'bool':
        return new Uint8Array(buffer, offset, length);
    }
  }

  floats(): Float32Array {
    if (this.#floats.buffer !== this.memory.buffer) this.#floats = new Float32Array(this.memory.buffer);
    return this.#floats;
  }

  scratch(bytes: number): number {
    if (!this.#scratch || this.#scratch.length < bytes) {
      if (this.#scratch) this.release(this.#scratch);
      this.#scratch = this.allocate('bool', bytes);
    }
    return this.#scratch.offset;
  }

  #takeBack(offset: number, size: number): void {
    this.liveBytes -= size;
    const free = this.#free.get(size);
    if (free) free.push(offset);
    else this.#free.set(size, [offset]);
  }

  /** A new block behind all others; grows the memory by a quarter at least, so that growing stays rare. */
  #extend(size: number): number {
    const offset = this.#top;
    const have = this.memory.buffer.byteLength;
    if (offset + size > have) {
      const missing = Math.ceil((offset + size - have) / PAGE);
      try {
        this.memory.grow(Math.max(missing, Math.ceil(have / PAGE / 4)));
      } catch {
        throw new Error(
          `wasm: out of memory: ${size} bytes do not fit beside ${this.liveBytes} in use; await something between the steps of a loop of your own, so that memory can be collected, or use smaller batches`,
        );
      }
    }
    this.#top += size;
    return offset;
  }
}

/** The bytes of a request's size class: 1, 1¼, 1½ or 1¾ times a power of two, so that at most a fifth is wasted. */
export function blockSize(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST;
  const step = 2 ** Math.floor(Math.log2(bytes)) / 4;
  return Math.ceil(bytes / step) * step;
}
