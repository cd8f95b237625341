/**
 * The CPU device: SIMD kernels on every core, or as much of that as there is here. One rung is missing, the next runs:
 *
 * 1. SIMD over a memory that threads share;
 * 2. SIMD on one thread, where memory cannot be shared (an old browser, a page without cross-origin isolation);
 * 3. the reference loops, where WebAssembly has no SIMD.
 */

import { v128 } from '../../kernels/assembler/instructions.ts';
import type { LinearBuffer } from '../../kernels/assembler/machine.ts';
import { type Mode, ModuleBuilder } from '../../kernels/assembler/module.ts';
import { webAssembly } from '../../kernels/assembler/webassembly.ts';
import type { Kernels, TypedArray } from '../../kernels/contract.ts';
import { simdKernels } from '../../kernels/simd.ts';
import { borrowedKernels } from './borrowed.ts';
import { CpuMachine } from './cpu-machine.ts';
import { joinVectors, relax, withoutBaseline } from './cpu-modes.ts';
import type { Buffer, Device, DeviceOptions } from './device.ts';
import { referenceDevice } from './reference.ts';
import { failingKernels } from './self-test.ts';
import { processorCount, threadsComeUpAlone, threadsMissing } from './threads.ts';

/** More threads than this do not make small models faster. */
const MOST_DEFAULT_THREADS = 8;
/** Kernels are cut into about as many parts. */
const MOST_THREADS = 64;

/** Runs everywhere. */
export const plainMode: Mode = { shared: false, wide: false, madd: false };

function startCpu(): Device {
  if (!hasSimd(plainMode)) return plainLoops('WebAssembly with SIMD is not available here');
  const missing = threadsMissing();
  if (missing === null) {
    try {
      const threads = Math.min(processorCount(), MOST_DEFAULT_THREADS);
      return simdDevice(
        new CpuMachine({ ...plainMode, shared: true, threads }),
        'the processor runs one at a time',
      );
    } catch {
      // Some systems do not let a page reserve so much: the next rung asks for less.
    }
  }
  try {
    const alone = missing ?? 'memory for several threads cannot be had here';
    return simdDevice(new CpuMachine({ ...plainMode, threads: 1 }), alone);
  } catch {
    return plainLoops('memory for WebAssembly cannot be had here');
  }
}

function plainLoops(why: string): Device {
  const device = referenceDevice('cpu', `plain JavaScript loops on one thread: ${why}`);
  return { ...device, configure: checkThreads };
}

function checkThreads({ threads = 1 }: DeviceOptions): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  throw new Error(`threads must be a whole number from 1 to ${MOST_THREADS}, not ${threads}`);
}

/** Whether WebAssembly and its SIMD instructions are here: Node 16.4, browsers from 2023 on. */
function hasSimd(mode: Mode): boolean {
  const builder = new ModuleBuilder(mode, 0);
  builder.function('probe', ['v128'], (f, [x]) => f.set(x, v128.not(x)));
  return webAssembly?.validate(builder.encode()) ?? false;
}

/** A device over a machine. @param alone why there is only one thread, where there is only one */
export function simdDevice(machine: CpuMachine, alone = ''): Device {
  const { memory } = machine;
  let whyOne = alone;
  const borrowed = borrowedKernels<LinearBuffer>({
    settle: (buffer) => memory.addressOf(buffer),
    read: (buffer) => memory.array(buffer),
    write: () => {}, // the kernel has written in place
  });
  const read = (buffer: Buffer): TypedArray => memory.read(buffer as LinearBuffer);
  let kernels = simdKernels(machine, borrowed);
  /** Why something that was asked for does not run. */
  let refused = '';

  const setMode = (mode: { wide: boolean; madd: boolean }): void => {
    if (mode.wide === machine.mode.wide && mode.madd === machine.mode.madd) return;
    machine.mode = mode;
    kernels = simdKernels(machine, borrowed);
  };

  /** Runs as wide and as fast as is wished and possible. */
  const chooseMode = ({ wide = machine.mode.wide, fast = machine.mode.madd }: DeviceOptions): void => {
    const noFast = fast && !machine.mode.madd ? relax() : null;
    const noWide = wide && !machine.mode.wide ? joinVectors() : null;
    const madd = fast && noFast === null;
    const failed: string[] = [];
    if (wide && noWide === null) {
      setMode({ wide: true, madd });
      failed.push(...withoutBaseline(() => failingKernels(device)));
    }
    if (noWide !== null || failed.length > 0 || !wide) setMode({ wide: false, madd });
    const wrong = failed.length > 0 ? `256-bit vectors give wrong results in ${failed.join(', ')}` : null;
    refused = [noFast, noWide, wrong].filter((reason) => reason !== null).join('; ');
  };

  const device: Device = {
    name: 'cpu',
    get description() {
      const { threads, lost } = machine;
      const count = threads === 1 ? `one thread${whyOne && ` (${whyOne})`}` : `${threads} threads`;
      const { wide, madd } = machine.mode;
      const how = [
        `WebAssembly SIMD of ${wide ? 256 : 128} bits on ${count}${lost ? `, not all of which run (${lost})` : ''}`,
        madd ? 'products and sums rounded together (--fast)' : 'the same bits everywhere',
        'float64 in plain JavaScript',
      ];
      return [...how, ...(refused ? [refused] : [])].join('; ');
    },
    get kernels() {
      return kernels as Kernels<Buffer>;
    },
    dtypes: ['float32', 'float64', 'int32', 'bool'],
    allocate: (dtype, length) => memory.allocate(dtype, length),
    upload: (dtype, data) => {
      const buffer = memory.allocate(dtype, data.length);
      memory.array(buffer).set(data as Float32Array);
      return buffer;
    },
    readSync: read,
    read: async (buffer) => read(buffer),
    release: (buffer) => memory.release(buffer as LinearBuffer),
    makeRoom: () => memory.makeRoom(),
    leaveToCollector: (buffer) => memory.leaveToCollector(buffer as LinearBuffer),
    configure: (options) => {
      checkThreads(options);
      chooseMode(options);
      const { threads } = options;
      if (threads === undefined || !machine.mode.shared) return; // the description says why there is only one
      machine.threads = threads;
      whyOne = 'as asked';
    },
    ready: async () => {
      // In Node threads come up while the main one computes; in a page only while it waits.
      if (threadsComeUpAlone()) return;
      await machine.settle().catch((error: Error) => {
        refused = error.message;
      });
    },
    synchronize: async () => {},
  };
  return device;
}

export const cpu: Device = startCpu();
