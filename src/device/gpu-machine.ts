/**
 * What GPU kernels run on: buffers whose numbers are where they were last needed, textures that are used
 * again and again, and compiled kernels, of which those not used for longest make room.
 *
 * The garbage collector does not see textures. What the library will not release (what a user holds, made
 * outside any scope) is *left to the collector* in two ways. While the event loop turns, it tells when it has
 * taken a buffer, and the texture is free; each comes with memory that nobody uses, so that it has a reason
 * to look. A loop that never waits is told nothing: when such textures have become many, their numbers are
 * moved out to typed arrays, which the collector takes without telling, and moved in again by the next kernel
 * that asks for them.
 */
import { type GpuBuffer, type GpuKernel, type GpuMachine, MOST_ELEMENTS } from '../../kernels/glsl/kernel.ts';
import { ROW_TEXELS } from '../../kernels/glsl/prelude.ts';
import { type Counters, type DType, OutOfMemory, type TypedArray, typedArray } from './device.ts';
import { type GlContext, type GlProgram, type Texture, textureRows } from './gpujs.ts';

/** Bounds of what is kept. */
export interface Bounds {
  /** Compiled kernels. */
  readonly programs: number;
  /** Bytes of textures that wait to be used again. */
  readonly idleBytes: number;
  /** Bytes of textures that are left to the collector: more are moved out. */
  readonly looseBytes: number;
}

const defaultBounds: Bounds = { programs: 512, idleBytes: 2 ** 28, looseBytes: 2 ** 28 };

/**
 * A texture's place. Apart from the numbers, so that whoever frees the texture in the end keeps none of them
 * alive.
 */
interface Slot {
  texture: Texture | null;
  /** Memory as much as the texture's, for the collector to see. */
  weight: ArrayBuffer | null;
}

/** Numbers: on the host, in a texture, or in both. Where they are nowhere yet, they are zeros. */
interface Block {
  readonly dtype: DType;
  readonly length: number;
  host: TypedArray | null;
  readonly slot: Slot;
  /** Of int32: whether all numbers are the same as floats; null: not asked yet. */
  exact: boolean | null;
  leftToCollector: boolean;
  isMovedOut: boolean;
  isReleased: boolean;
}

/**
 * What kernels hold. Apart from the block, so that the list of what may be moved out does not hold it too.
 */
class Cell implements GpuBuffer {
  readonly block: Block;

  constructor(dtype: DType, length: number, host: TypedArray | null) {
    const slot = { texture: null, weight: null };
    const state = { exact: null, leftToCollector: false, isMovedOut: false, isReleased: false };
    this.block = { dtype, length, host, slot, ...state };
  }

  get dtype(): DType {
    return this.block.dtype;
  }

  get length(): number {
    return this.block.length;
  }
}

export class GlMachine implements GpuMachine {
  readonly context: GlContext;
  readonly counters: Counters = {
    launches: 0,
    uploads: 0,
    readbacks: 0,
    compiled: 0,
    textures: 0,
    textureBytes: 0,
  };
  readonly #bounds: Bounds;
  readonly #programs = new Map<string, GlProgram>();
  /** Textures that wait to be used again, by how many texels they have room for. */
  readonly #idle = new Map<number, Texture[]>();
  #idleBytes = 0;
  /** What is left to the collector and in textures. */
  readonly #loose = new Map<Slot, Block>();
  #looseBytes = 0;
  /**
   * What was moved in again since the last time that blocks were moved out: the part that is still in use.
   */
  #returnedBytes = 0;
  /** What kernels have at hand. */
  readonly #scratch = new Set<Cell>();
  readonly #collected = new FinalizationRegistry<Slot>((slot) => this.#empty(slot));

  constructor(context: GlContext, bounds: Partial<Bounds> = {}) {
    this.context = context;
    this.#bounds = { ...defaultBounds, ...bounds };
  }

  /** How many kernels are compiled and kept. */
  get programs(): number {
    return this.#programs.size;
  }

  /** How large a tensor may be. */
  get mostElements(): number {
    return Math.min(MOST_ELEMENTS, 4 * ROW_TEXELS * this.context.mostRows);
  }

  /** A buffer whose numbers are not there yet. @throws OutOfMemory where it is too large for a texture */
  allocate(dtype: DType, length: number): GpuBuffer {
    return this.#cell(dtype, length, null);
  }

  /** A buffer over these numbers, which it keeps. */
  over(dtype: DType, numbers: TypedArray): GpuBuffer {
    return this.#cell(dtype, numbers.length, numbers);
  }

  run(kernel: GpuKernel, inputs: readonly GpuBuffer[], numbers: readonly number[], out: GpuBuffer): void {
    const { block } = out as Cell;
    if (block.length === 0) return;
    const program = this.#program(kernel);
    const textures: Texture[] = [];
    for (const input of inputs) textures.push(this.#texture((input as Cell).block));
    const texels = texelsOf(block);
    const result = this.#take(texels);
    this.counters.launches++;
    try {
      this.context.run(program, textures, numbers, result, texels);
    } catch (error) {
      this.#give(result);
      this.#programs.delete(kernel.key);
      this.context.requireHealth(); // says more, if the context is lost
      const why = error instanceof Error ? error.message : error;
      throw new Error(`gpu: the kernel ${kernel.key} failed: ${why}`, { cause: error });
    }
    this.#place(block, result);
  }

  scratch(length: number): GpuBuffer {
    this.#requireFit(length, 'for a kernel on its way, ');
    const cell = new Cell('float32', length, null);
    this.#scratch.add(cell);
    return cell;
  }

  /** Runs a kernel. If it breaks off, what it had at hand is released. */
  attempt(kernel: () => void): void {
    try {
      kernel();
    } catch (error) {
      for (const cell of this.#scratch) this.release(cell);
      throw error;
    }
  }

  /** A buffer that was released already stays so. */
  release(buffer: GpuBuffer): void {
    const cell = buffer as Cell;
    const { block } = cell;
    this.#scratch.delete(cell);
    this.#empty(block.slot);
    block.host = null;
    block.isReleased = true;
  }

  move(scratch: GpuBuffer, to: GpuBuffer): void {
    const { block } = scratch as Cell;
    const { slot, host } = block;
    const { texture } = slot;
    if (texture) {
      slot.texture = null;
      this.#place((to as Cell).block, texture);
    } else {
      const numbers = typedArray(to.dtype, to.length);
      if (host) numbers.set(host);
      this.write(to, numbers);
    }
    this.release(scratch);
  }

  host(buffer: GpuBuffer): TypedArray {
    const { block } = buffer as Cell;
    block.host ??= this.#read(block);
    return block.host;
  }

  write(buffer: GpuBuffer, numbers: TypedArray): void {
    const { block } = buffer as Cell;
    this.#empty(block.slot);
    block.host = numbers;
    block.exact = null;
  }

  isExact(buffer: GpuBuffer): boolean {
    const { block } = buffer as Cell;
    if (block.dtype !== 'int32') return block.dtype !== 'float64';
    // What a kernel made counts elements, of which there are never too many.
    block.exact ??= block.host?.every((value) => Math.abs(value) <= MOST_ELEMENTS) ?? true;
    return block.exact;
  }

  /** The library will not release this buffer. */
  leaveToCollector(buffer: GpuBuffer): void {
    const { block } = buffer as Cell;
    if (block.leftToCollector) return;
    block.leftToCollector = true;
    this.#collected.register(buffer, block.slot);
    if (block.slot.texture) this.#addLoose(block, block.slot.texture);
  }

  /** Moves what is left to the collector out of its textures, if it has become much. */
  makeRoom(): void {
    if (this.#looseBytes <= this.#bounds.looseBytes + 2 * this.#returnedBytes) return;
    for (const [slot, block] of this.#loose) {
      block.host ??= this.#read(block);
      block.isMovedOut = true;
      this.#empty(slot);
    }
    this.#returnedBytes = 0;
  }

  #cell(dtype: DType, length: number, host: TypedArray | null): Cell {
    if (dtype !== 'int32') this.#requireFit(length); // which may stay on the host
    return new Cell(dtype, length, host);
  }

  #place(block: Block, texture: Texture): void {
    this.#takeOut(block.slot);
    block.slot.texture = texture;
    block.host = null;
    block.exact = null;
    if (block.leftToCollector) this.#addLoose(block, texture);
  }

  #addLoose(block: Block, { bytes }: Texture): void {
    const { slot } = block;
    this.#loose.set(slot, block);
    this.#looseBytes += bytes;
    if (slot.weight?.byteLength !== bytes) slot.weight = new ArrayBuffer(bytes);
  }

  #empty(slot: Slot): void {
    this.#takeOut(slot);
    slot.weight = null;
  }

  /** Its weight stays: the next texture is mostly of the same size. */
  #takeOut(slot: Slot): void {
    const { texture } = slot;
    if (!texture) return;
    if (this.#loose.delete(slot)) this.#looseBytes -= texture.bytes;
    slot.texture = null;
    this.#give(texture);
  }

  /** The texture with a block's numbers, which are uploaded if they are not there. */
  #texture(block: Block): Texture {
    requireUse(block);
    const { slot, dtype, host } = block;
    if (slot.texture) return slot.texture;
    const texels = texelsOf(block);
    const texture = this.#take(texels);
    const padded = new Float32Array(4 * texture.width * textureRows(texels));
    if (host) padded.set(host);
    this.context.upload(texture, padded);
    this.counters.uploads++;
    this.#place(block, texture);
    if (block.isMovedOut) this.#returnedBytes += texture.bytes;
    block.isMovedOut = false;
    // Whole numbers are asked for on the host again: when they are checked, and for lists of who goes where.
    if (dtype !== 'float32') block.host = host;
    return texture;
  }

  #read(block: Block): TypedArray {
    requireUse(block);
    const numbers = typedArray(block.dtype, block.length);
    const { texture } = block.slot;
    if (!texture) return numbers;
    this.counters.readbacks++;
    numbers.set(this.context.read(texture, texelsOf(block)).subarray(0, block.length));
    return numbers;
  }

  #program(kernel: GpuKernel): GlProgram {
    const { key } = kernel;
    let program = this.#programs.get(key);
    if (program) {
      // Put last: the first is the one that was not used for longest.
      this.#programs.delete(key);
    } else {
      program = this.context.compile(kernel.source());
      this.counters.compiled++;
      this.#dropProgram();
    }
    this.#programs.set(key, program);
    return program;
  }

  #dropProgram(): void {
    if (this.#programs.size < this.#bounds.programs) return;
    const [[key, program]] = this.#programs;
    this.#programs.delete(key);
    this.context.destroy(program);
  }

  #requireFit(length: number, what = ''): void {
    const most = this.mostElements;
    if (length <= most) return;
    throw new OutOfMemory(
      `gpu: ${what}a tensor of ${length} elements is too large: at most ${most} can be counted here; ` +
        'use smaller batches, or the device cpu',
    );
  }

  /** A texture with room for so many texels. */
  #take(texels: number): Texture {
    this.#requireFit(4 * texels);
    const room = roomFor(texels, this.context.mostRows);
    const known = this.#idle.get(room)?.pop();
    if (known) {
      this.#idleBytes -= known.bytes;
      return known;
    }
    const texture = this.#create(room);
    this.counters.textures++;
    this.counters.textureBytes += texture.bytes;
    return texture;
  }

  #create(room: number): Texture {
    const width = Math.min(room, ROW_TEXELS);
    try {
      return this.context.createTexture(width, room / width);
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
      this.#dropIdle(0);
      return this.context.createTexture(width, room / width);
    }
  }

  #give(texture: Texture): void {
    const room = texture.width * texture.height;
    const waiting = this.#idle.get(room) ?? [];
    waiting.push(texture);
    this.#idleBytes += texture.bytes;
    // Put last: of the sizes that were not given back for longest, textures are dropped first.
    this.#idle.delete(room);
    this.#idle.set(room, waiting);
    this.#dropIdle(this.#bounds.idleBytes);
  }

  /** Deletes textures that wait, until no more than so many bytes are left of them. */
  #dropIdle(mostBytes: number): void {
    for (const [room, waiting] of this.#idle) {
      for (;;) {
        if (this.#idleBytes <= mostBytes) return;
        const texture = waiting.pop();
        if (!texture) break;
        this.context.deleteTexture(texture);
        this.#idleBytes -= texture.bytes;
        this.counters.textures--;
        this.counters.textureBytes -= texture.bytes;
      }
      this.#idle.delete(room);
    }
  }
}

function requireUse({ isReleased }: Block): void {
  if (isReleased) throw new Error('gpu: a buffer was read after its release (a bug in hopgrad)');
}

function texelsOf({ length }: Block): number {
  return Math.max(1, Math.ceil(length / 4));
}

/**
 * The room of a texture for so many texels: a power of two in one row, and 1, 1¼, 1½ or 1¾ times a power of
 * two in rows, so that textures of about the same size serve each other.
 */
function roomFor(texels: number, mostRows: number): number {
  if (texels <= ROW_TEXELS) return 2 ** Math.ceil(Math.log2(texels));
  const rows = textureRows(texels);
  const step = Math.max(1, 2 ** (Math.floor(Math.log2(rows)) - 2));
  return ROW_TEXELS * Math.min(mostRows, Math.ceil(rows / step) * step);
}
