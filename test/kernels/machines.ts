/**
 * SIMD kernels on machines under watch. A kernel runs on one thread over its own memory and on three threads over a
 * shared one, and in the float64 reference:
 *
 *     const { expectParity } = watch(simdSoftmax);
 *     expectParity('softmax', [x, false, out], { relative: 2e-6 });
 *
 * Arguments are those of the contract, their views over typed arrays: `viewOf` and `resultOf` of views.ts make such.
 */
import type { LinearBuffer, Machine } from '../../kernels/assembler/machine.ts';
import type { KernelFunction, Mode, ModuleBuilder } from '../../kernels/assembler/module.ts';
import type { DType, Kernels, TypedArray, View } from '../../kernels/contract.ts';
import type { HostView } from '../../kernels/strides.ts';
import { CpuMachine } from '../../src/device/cpu-machine.ts';
import { CONTROL_BYTES } from '../../src/device/threads.ts';
import { type ExpectParity, inFloat64, isNear, mapViews, slackAt } from './parity.ts';

/** Where a machine's control block stands: the only place besides its results that a launch may write to. */
const CONTROL = { from: 64, to: 64 + CONTROL_BYTES };
/** Bytes of pattern before and behind every block. */
const FENCE = 64;
/** Read as a float it is NaN, so that what is read beside a row and not masked shows, a product with 0 too. */
const PATTERN = 0xff;

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Placed extends LinearBuffer {
  readonly at: number;
}

const bytesOf: Record<DType, number> = { float32: 4, float64: 8, int32: 4, bool: 1 };

/** A machine that compares its memory before and after every launch: only results and scratch may have changed. */
export class WatchedMachine implements Machine {
  readonly machine: CpuMachine;
  readonly mode: Mode;
  readonly zeros: number;
  /** How many launches there were. */
  launches = 0;
  #blocks: LinearBuffer[] = [];
  #writable: Range[] = [];
  #scratch: { block: LinearBuffer; range: Range } | null = null;

  constructor(mode: Mode & { threads: number }) {
    this.machine = new CpuMachine(mode);
    this.mode = mode;
    this.zeros = this.machine.zeros;
  }

  /** A copy of a host view's numbers in this memory, between fences; launches may write to it if it is a result. */
  upload({ buffer, dtype }: HostView, isResult: boolean): Placed {
    const bytes = bytesOf[dtype] * buffer.length;
    const at = this.#fenced(bytes);
    if (isResult) this.#writable.push({ from: at, to: at + bytes });
    const placed = { length: buffer.length, dtype, at };
    this.array(placed).set(buffer as Float32Array);
    return placed;
  }

  /** The numbers in place. */
  array({ dtype, length, at }: Placed): TypedArray {
    const { buffer } = this.machine.memory.memory;
    const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };
    return new arrays[dtype](buffer, at, length);
  }

  /** Forgets everything that was uploaded. */
  clear(): void {
    for (const block of this.#blocks) this.machine.memory.release(block);
    if (this.#scratch) this.machine.memory.release(this.#scratch.block);
    this.#blocks = [];
    this.#writable = [];
    this.#scratch = null;
  }

  module<T>(emit: (module: ModuleBuilder) => T): T {
    return this.machine.module(emit);
  }

  launch(kernel: KernelFunction, parts: number, ...args: number[]): void {
    this.launches++;
    const ranges = [CONTROL, ...this.#writable, ...(this.#scratch ? [this.#scratch.range] : [])];
    const before = this.#memory();
    this.machine.launch(kernel, parts, ...args);
    const after = this.#memory();
    for (const { from, to } of ranges) after.set(before.subarray(from, to), from);
    const [old, now] = [new Int32Array(before.buffer), new Int32Array(after.buffer)];
    for (let i = 0; i < old.length; i++) {
      if (old[i] === now[i]) continue;
      const [nearest] = ranges.toSorted((a, b) => distance(a, 4 * i) - distance(b, 4 * i));
      throw new Error(
        `${kernel.name} wrote to byte ${4 * i} or the 3 behind it; ` +
          `the nearest place that it may write to is ${nearest.from} to ${nearest.to}`,
      );
    }
  }

  address({ buffer, offset }: { readonly buffer: LinearBuffer; readonly offset: number }): number {
    return (buffer as Placed).at + offset * bytesOf[buffer.dtype];
  }

  /** Room that holds the pattern, at another place than before where that can be: nobody may rely on what it held. */
  scratch(bytes: number): number {
    const at = this.#fenced(bytes);
    if (this.#scratch) this.machine.memory.release(this.#scratch.block);
    const block = this.#blocks.pop() as LinearBuffer;
    this.#scratch = { block, range: { from: at, to: at + bytes } };
    return at;
  }

  ints(): Int32Array {
    return this.machine.ints();
  }

  /** The address of room between fences, all of it filled with the pattern. */
  #fenced(bytes: number): number {
    const { memory } = this.machine;
    const block = memory.allocate('bool', bytes + 2 * FENCE);
    this.#blocks.push(block);
    memory.array(block).fill(PATTERN);
    return memory.addressOf(block) + FENCE;
  }

  #memory(): Uint8Array {
    return new Uint8Array(this.machine.memory.memory.buffer).slice();
  }
}

function distance({ from, to }: Range, at: number): number {
  return at < from ? from - at : Math.max(0, at + 1 - to);
}

export interface Watched {
  readonly machines: readonly WatchedMachine[];
  /**
   * Expects a kernel's results to be the float64 reference's within a bound, with the same bits on every machine, and
   * nothing else to be written. A result keeps what its host view holds where the kernel does not write.
   *
   * @returns the results, an array each, as the first machine gave them
   */
  readonly expectParity: ExpectParity;
}

/** Makes machines for one dialect, by default the narrow one that runs everywhere. What the dialect leaves to others throws. */
export function watch(
  dialect: (machine: Machine, otherwise: Kernels<LinearBuffer>) => Partial<Kernels<LinearBuffer>>,
  { wide, madd }: { wide: boolean; madd: boolean } = { wide: false, madd: false },
): Watched {
  const plain = { shared: false, wide, madd };
  const machines = [{ threads: 1 }, { threads: 3, shared: true }].map(
    (mode) => new WatchedMachine({ ...plain, ...mode }),
  );
  const kernels = machines.map((machine) => dialect(machine, nobody));
  return {
    machines,
    expectParity: (name, args, bound) => {
      const results = bound.results ?? [args[args.length - 1] as HostView];
      const expected = inFloat64(name, args, results);
      const found = machines.map((machine, i) =>
        on(machine, kernels[i][name] as AnyKernel, name, args, results),
      );
      results.forEach((result, r) => {
        expected[r].forEach((value, place) => {
          const [got, ...others] = found.map((arrays) => arrays[r][place]);
          const where = `${name}: result ${r}, place ${place}`;
          for (const other of others) {
            if (!Object.is(got, other)) throw new Error(`${where}: ${got} on one thread, ${other} on three`);
          }
          const slack = slackAt(bound, value, place, result);
          if (!isNear(got, value, slack, result.dtype)) {
            throw new Error(
              `${where}: ${got} in place of ${value}, off by ${Math.abs(got - value)} > ${slack}`,
            );
          }
        });
      });
      return found[0];
    },
  };
}

type AnyKernel = ((...args: unknown[]) => void) | undefined;

const nobody = new Proxy({} as Kernels<LinearBuffer>, {
  get: (_, name) => () => {
    throw new Error(`${String(name)} was left to other kernels`);
  },
});

function on(
  machine: WatchedMachine,
  kernel: AnyKernel,
  name: string,
  args: readonly unknown[],
  results: readonly HostView[],
): TypedArray[] {
  if (!kernel) throw new Error(`the dialect has no ${name}`);
  const placed = new Map<HostView, Placed>();
  try {
    const uploaded = args.map((arg) =>
      mapViews(arg, (view): View<LinearBuffer> => {
        const buffer = placed.get(view) ?? machine.upload(view, results.includes(view));
        placed.set(view, buffer);
        return { ...view, buffer };
      }),
    );
    kernel(...uploaded);
    return results.map((result) => machine.array(placed.get(result) as Placed).slice());
  } finally {
    machine.clear();
  }
}
