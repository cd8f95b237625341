/** The processor as SIMD kernels see it: one memory, modules that are emitted when first needed, and threads. */
import type { LinearBuffer, Machine } from '../../kernels/assembler/machine.ts';
import { type KernelFunction, type Mode, ModuleBuilder } from '../../kernels/assembler/module.ts';
import { type WebAssemblyFunction, webAssembly } from '../../kernels/assembler/webassembly.ts';
import { CpuMemory } from './cpu-memory.ts';
import { bytesPerElement } from './device.ts';
import { ARGUMENTS, CONTROL_BYTES, type LoadedModule, Threads } from './threads.ts';

/** Where the control block of the first threads stands. */
const FIRST_CONTROL = 64;

export class CpuMachine implements Machine {
  readonly memory: CpuMemory;
  #mode: Mode;
  readonly zeros: number;
  readonly #modules: LoadedModule[] = [];
  #control = FIRST_CONTROL;
  #ints: Int32Array;
  #floats: Float32Array;
  #threads: Threads | null = null;
  /** Threads to run on, the main one included; they start with the first work that is worth it. */
  #wanted: number;

  /** @throws Error where WebAssembly is missing, or memory cannot be shared as wished */
  constructor({ threads, ...mode }: Mode & { threads: number }) {
    const { shared } = mode;
    this.#mode = mode;
    this.memory = new CpuMemory({ shared, reserved: FIRST_CONTROL + CONTROL_BYTES });
    this.zeros = this.memory.reserve(256);
    [this.#ints, this.#floats] = this.#argumentsAt(this.#control);
    this.#wanted = shared ? threads : 1;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** How kernels that are emitted from now on are emitted; whether memory is shared cannot change. */
  set mode({ wide, madd }: Pick<Mode, 'wide' | 'madd'>) {
    this.#mode = { shared: this.#mode.shared, wide, madd };
  }

  /** How many threads compute, the main one included, once there is work for them. */
  get threads(): number {
    return this.#wanted;
  }

  /** Changes the number of threads; the same number replaces those that were lost. */
  set threads(count: number) {
    if (!this.mode.shared || (count === this.#wanted && !this.lost)) return;
    this.stop();
    this.#wanted = count;
  }

  /** Why one of the threads is missing; null where none is. */
  get lost(): string | null {
    return this.#threads?.lost ?? null;
  }

  /** Ends the threads; the next large work starts them anew. */
  stop(): void {
    if (!this.#threads) return;
    this.#threads.stop();
    this.#threads = null;
    // Those that end still look at the old block.
    this.#control = this.memory.reserve(CONTROL_BYTES);
    new Int32Array(this.memory.memory.buffer, this.#control, CONTROL_BYTES / 4).fill(0);
    [this.#ints, this.#floats] = this.#argumentsAt(this.#control);
  }

  /** Starts the threads and waits until they are up, so that timings that follow are of all of them. */
  async settle(): Promise<void> {
    if (this.#wanted === 1) return;
    this.#threads ??= this.#start();
    for (const began = Date.now(); this.#threads && this.#threads.ready < this.#wanted - 1; ) {
      if (Date.now() - began > 10_000) throw new Error('cpu: the threads did not start within 10 seconds');
      await new Promise<void>((resolve) => void setTimeout(resolve, 1));
    }
  }

  module<T>(emit: (module: ModuleBuilder) => T): T {
    const builder = new ModuleBuilder(this.mode, this.#modules.length);
    const result = emit(builder);
    const bytes = builder.encode();
    const address = this.memory.reserve(bytes.length);
    new Uint8Array(this.memory.memory.buffer, address, bytes.length).set(bytes);
    const { Module, Instance } = webAssembly as NonNullable<typeof webAssembly>;
    const { exports } = new Instance(new Module(bytes), { host: { memory: this.memory.memory } });
    const kernels = Object.values<WebAssemblyFunction>(exports);
    this.#modules.push({ id: builder.id, address, length: bytes.length, kernels });
    return result;
  }

  launch(kernel: KernelFunction, parts: number, ...args: number[]): void {
    const { floats, entry } = kernel;
    // A memory that is not shared loses its arrays when it grows.
    if (this.#ints.length === 0) [this.#ints, this.#floats] = this.#argumentsAt(this.#control);
    for (let i = 0; i < args.length; i++) {
      if (floats[i]) this.#floats[i] = args[i];
      else this.#ints[i] = args[i];
    }
    const module = this.#modules[kernel.module];
    if (parts > 1 && this.#wanted > 1) {
      this.#threads ??= this.#start();
      this.#threads.run(module, entry, parts);
      return;
    }
    const run = module.kernels[entry];
    const block = this.#control + ARGUMENTS.byte;
    for (let part = 0; part < parts; part++) run(block, part);
  }

  address(view: { readonly buffer: LinearBuffer; readonly offset: number }): number {
    const { buffer, offset } = view;
    return this.memory.addressOf(buffer) + offset * bytesPerElement[buffer.dtype];
  }

  scratch(bytes: number): number {
    return this.memory.scratch(bytes);
  }

  ints(): Int32Array {
    return this.memory.ints();
  }

  #start(): Threads {
    return new Threads(this.memory.memory, this.#control, this.#wanted - 1);
  }

  #argumentsAt(control: number): [Int32Array, Float32Array] {
    const { buffer } = this.memory.memory;
    const at = control + ARGUMENTS.byte;
    return [new Int32Array(buffer, at, ARGUMENTS.most), new Float32Array(buffer, at, ARGUMENTS.most)];
  }
}
