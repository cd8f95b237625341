/**
 * One growing WebAssembly memory and who has which part of it. Blocks come in size classes, four to each power of two;
 * a released block waits in the list of its class for the next request of that class. Before the memory grows, what is
 * free is joined to stretches, from which blocks of any class are cut.
 *
 * The garbage collector knows nothing of what stands here. Blocks that the library will not release (what a user holds, made outside
 * any scope) are *left to the collector*: when they have become many, their numbers are moved out to ordinary typed
 * arrays, which the collector takes back once nobody can reach them, also within a loop that never ends; a kernel that
 * asks for such a block moves it in again. Nobody but this file notices.
 */
import type { LinearBuffer } from '../../kernels/assembler/machine.ts';
import { MOST_PAGES } from '../../kernels/assembler/module.ts';
import { type WebAssemblyMemory, webAssembly } from '../../kernels/assembler/webassembly.ts';
import { bytesPerElement, type DType, OutOfMemory, type TypedArray } from './device.ts';

const PAGE = 65536;
const SMALLEST = 64;
/** Left free behind the last block, so that a vector read that begins inside it ends inside the memory. */
const MARGIN = 64;
/** Room for temporaries is kept for the next call, but no more than this for one that needs little. */
const MOST_IDLE_SCRATCH = 2 ** 26;
/** Blocks that are left to the collector move out when they hold more than this. */
const MOST_LOOSE_BYTES = 2 ** 26;

/** Some of the numbers. */
interface Block extends LinearBuffer {
  /** Where they stand; −1 while they are moved out, and after their release. */
  offset: number;
  readonly size: number;
  /** The numbers, while they are moved out. */
  home: TypedArray | null;
  /** The place in the list of what is left to the collector; −1 elsewhere. */
  loose: number;
  leftToCollector: boolean;
}

/** Free bytes in one piece. */
interface Stretch {
  offset: number;
  size: number;
}

export class CpuMemory {
  readonly memory: WebAssemblyMemory;
  readonly shared: boolean;
  /** Bytes in blocks that are in use and in the memory; what is reserved for good does not count. */
  liveBytes = 0;
  #top: number;
  #scratch: Block | null = null;
  #ints = new Int32Array(0);
  /** Released blocks: offsets by size. */
  readonly #free = new Map<number, number[]>();
  /** Free stretches, none of which touches another. */
  #stretches: Stretch[] = [];
  readonly #mostLooseBytes: number;
  /** Blocks in the memory that are left to the collector. */
  readonly #loose: Block[] = [];
  #looseBytes = 0;
  /** What was moved in again since the last time that blocks were moved out: the part that is still in use. */
  #returnedBytes = 0;

  /**
   * @param reserved bytes at the beginning that are not given away
   * @param mostLooseBytes how much may be left to the collector before it is moved out
   * @throws Error where WebAssembly is missing, or memory cannot be shared as wished
   */
  constructor({
    shared = false,
    reserved = SMALLEST,
    mostLooseBytes = MOST_LOOSE_BYTES,
  }: { shared?: boolean; reserved?: number; mostLooseBytes?: number } = {}) {
    if (!webAssembly) throw new Error('WebAssembly is not available here');
    const initial = Math.ceil((reserved + MARGIN) / PAGE);
    this.shared = shared;
    this.#mostLooseBytes = mostLooseBytes;
    this.memory = new webAssembly.Memory(shared ? { initial, maximum: MOST_PAGES, shared } : { initial });
    this.#top = roundUp(reserved, SMALLEST);
  }

  /** @throws Error when the memory cannot grow any further. */
  allocate(dtype: DType, length: number): LinearBuffer {
    const size = blockSize(length * bytesPerElement[dtype]);
    const offset = this.#place(size);
    const block: Block = { length, dtype, offset, size, home: null, loose: -1, leftToCollector: false };
    return block;
  }

  /**
   * Moves what is left to the collector out of the memory, if it has become much. Call it while nobody holds an address:
   * a kernel that asks for one may set off pending work, so allocating within it must move nothing.
   */
  makeRoom(): void {
    if (this.#looseBytes > this.#mostLooseBytes + 2 * this.#returnedBytes) this.#moveOut();
  }

  /** The byte address of room that is never given back. */
  reserve(bytes: number): number {
    const { offset, size } = this.allocate('bool', bytes) as Block;
    this.liveBytes -= size;
    return offset;
  }

  release(buffer: LinearBuffer): void {
    const block = buffer as Block;
    if (block.offset < 0 && !block.home)
      throw new Error('cpu: a block was released twice (a bug in hopgrad)');
    if (block.offset >= 0) this.#leave(block);
    block.home = null;
  }

  /** Nobody will release this block. */
  leaveToCollector(buffer: LinearBuffer): void {
    const block = buffer as Block;
    if (block.leftToCollector) return;
    block.leftToCollector = true;
    if (block.offset >= 0) this.#addLoose(block);
  }

  /** The byte address of a block, valid until `makeRoom`. */
  addressOf(buffer: LinearBuffer): number {
    const block = buffer as Block;
    return block.offset >= 0 ? block.offset : this.#moveIn(block);
  }

  /** The numbers themselves, in place: valid until the next allocation. */
  array(buffer: LinearBuffer): TypedArray {
    return this.#view(buffer.dtype, this.addressOf(buffer), buffer.length);
  }

  /** A copy of the numbers. */
  read(buffer: LinearBuffer): TypedArray {
    return ((buffer as Block).home ?? this.array(buffer)).slice();
  }

  /** The whole memory as int32, valid until it grows. */
  ints(): Int32Array {
    if (this.#ints.byteLength !== this.memory.buffer.byteLength)
      this.#ints = new Int32Array(this.memory.buffer);
    return this.#ints;
  }

  /** Room for temporary numbers, valid until the next call. */
  scratch(bytes: number): number {
    const have = this.#scratch?.size ?? -1;
    if (have < bytes || have > Math.max(MOST_IDLE_SCRATCH, 4 * bytes)) {
      if (this.#scratch) this.release(this.#scratch);
      this.#scratch = null; // should there be no room for a larger one
      this.#scratch = this.allocate('bool', bytes) as Block;
    }
    return (this.#scratch as Block).offset;
  }

  #view(dtype: DType, offset: number, length: number): TypedArray {
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

  #addLoose(block: Block): void {
    block.loose = this.#loose.push(block) - 1;
    this.#looseBytes += block.size;
  }

  /** Gives back a block's place in the memory. */
  #leave(block: Block): void {
    if (block.loose >= 0) {
      const last = this.#loose.pop() as Block;
      if (last !== block) {
        this.#loose[block.loose] = last;
        last.loose = block.loose;
      }
      block.loose = -1;
      this.#looseBytes -= block.size;
    }
    this.liveBytes -= block.size;
    const free = this.#free.get(block.size);
    if (free) free.push(block.offset);
    else this.#free.set(block.size, [block.offset]);
    block.offset = -1;
  }

  /** Moves everything that is left to the collector out of the memory. */
  #moveOut(): void {
    for (const block of this.#loose.slice()) {
      block.home = this.array(block).slice();
      this.#leave(block);
    }
    this.#returnedBytes = 0;
  }

  #moveIn(block: Block): number {
    if (!block.home) throw new Error('cpu: a block was read after its release (a bug in hopgrad)');
    block.offset = this.#place(block.size);
    this.#view(block.dtype, block.offset, block.length).set(block.home as Float32Array);
    block.home = null;
    this.#returnedBytes += block.size;
    if (block.leftToCollector) this.#addLoose(block);
    return block.offset;
  }

  #place(size: number): number {
    const offset = this.#free.get(size)?.pop() ?? this.#cut(size) ?? this.#extend(size);
    this.liveBytes += size;
    return offset;
  }

  /** The beginning of a free stretch that is large enough; undefined where none is. */
  #cut(size: number): number | undefined {
    const at = this.#stretches.findIndex((stretch) => stretch.size >= size);
    if (at < 0) return undefined;
    const stretch = this.#stretches[at];
    const { offset } = stretch;
    stretch.offset += size;
    stretch.size -= size;
    if (stretch.size === 0) this.#stretches.splice(at, 1);
    return offset;
  }

  /** Joins all that is free to stretches; one that ends behind the last block is given back. */
  #joinFree(): void {
    const blocks = [...this.#free].flatMap(([size, offsets]) => offsets.map((offset) => ({ offset, size })));
    const sorted = [...this.#stretches, ...blocks].sort((a, b) => a.offset - b.offset);
    this.#free.clear();
    this.#stretches = [];
    for (const { offset, size } of sorted) {
      const last = this.#stretches.at(-1);
      if (last && last.offset + last.size === offset) last.size += size;
      else this.#stretches.push({ offset, size });
    }
    const last = this.#stretches.at(-1);
    if (last && last.offset + last.size === this.#top) {
      this.#top = last.offset;
      this.#stretches.pop();
    }
  }

  /** A new block behind all others. Grows the memory by a quarter at least, so that growing stays rare. */
  #extend(size: number): number {
    if (this.#missing(size) > 0) {
      this.#joinFree();
      const found = this.#cut(size);
      if (found !== undefined) return found;
    }
    const missing = this.#missing(size);
    if (missing > 0) {
      const generous = Math.max(missing, Math.ceil(this.memory.buffer.byteLength / PAGE / 4));
      if (!this.#grow(generous) && !this.#grow(missing)) {
        throw new OutOfMemory(
          `cpu: out of memory: ${size} bytes do not fit beside ${this.liveBytes} in use, ` +
            'of the 4 GB that WebAssembly can reach; use smaller batches, a shorter context or a smaller model',
        );
      }
    }
    const offset = this.#top;
    this.#top += size;
    return offset;
  }

  /** How many pages the memory lacks for a new block behind all others. */
  #missing(size: number): number {
    return Math.ceil((this.#top + size + MARGIN - this.memory.buffer.byteLength) / PAGE);
  }

  #grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/**
 * The bytes of a request's size class: 1, 1¼, 1½ or 1¾ times a power of two, so that at most a fifth is wasted, and a
 * multiple of a cache line's 64, so that no two threads write into one.
 */
export function blockSize(bytes: number): number {
  if (bytes <= 256) return Math.max(SMALLEST, roundUp(bytes, SMALLEST));
  const step = 1 << (29 - Math.clz32(bytes)); // a quarter of the power of two below
  return roundUp(bytes, step);
}
