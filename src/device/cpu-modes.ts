/**
 * What V8 can do beyond plain SIMD, and how it is told to: `wide` joins pairs of 128-bit vectors into 256 bits (the bits
 * of results stay the same), `fast` lets sums and products be rounded once (they do not). Both take flags that hold for the whole
 * process, so nothing here happens unless somebody asks for it by name.
 */

import { f32x4 } from '../../kernels/assembler/instructions.ts';
import type { Machine } from '../../kernels/assembler/machine.ts';
import { type Mode, ModuleBuilder } from '../../kernels/assembler/module.ts';
import { webAssembly } from '../../kernels/assembler/webassembly.ts';
import { simdMatmul } from '../../kernels/matmul/simd.ts';
import { CpuMachine } from './cpu-machine.ts';
import { nodeModule } from './threads.ts';

/** The versions of Node whose V8 joins vectors rightly: Node 22 has the flag, but not the speed in shared memory. */
const WIDE_NODE = { from: 24, to: 26 };
/** Before this, V8 takes relaxed instructions only when told. */
const RELAXED_NODE = 22;
/** Where joined vectors do not make a matrix product faster by this, they are not there. */
const WORTH = 1.2;
const ROUNDS = 10;

interface Flags {
  setFlagsFromString(flag: string): void;
}

function nodeVersion(): number {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return Number.parseInt(process?.versions?.node ?? '0', 10);
}

/** Why vectors cannot be joined here; null where they can be, and V8 has been told to. */
export function joinVectors(): string | null {
  const version = nodeVersion();
  if (version < WIDE_NODE.from || version > WIDE_NODE.to) {
    const found = version > 0 ? `this is Node ${version}` : 'this is not Node';
    return `256-bit vectors take Node ${WIDE_NODE.from} to ${WIDE_NODE.to}; ${found}`;
  }
  const flags = nodeModule('node:v8') as Flags;
  flags.setFlagsFromString('--experimental-wasm-revectorize');
  const narrow = productOf({ shared: false, wide: false, madd: false });
  const wide = productOf({ shared: false, wide: true, madd: false });
  let [narrowTime, wideTime] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  // In turns, and again where something else took the processor.
  for (let round = 0; round < ROUNDS; round++) {
    narrowTime = Math.min(narrowTime, bestTime(narrow));
    wideTime = Math.min(wideTime, bestTime(wide));
    if (wideTime * WORTH < narrowTime) return null;
  }
  return '256-bit vectors are not faster here';
}

/** A matrix product of 128³ on one thread, compiled for speed. */
function productOf(mode: Mode): () => void {
  const machine = new CpuMachine({ ...mode, threads: 1 });
  const { matmul } = simdMatmul(machine as Machine, { matmul: () => {} });
  const n = 128;
  const matrix = () => ({
    buffer: machine.memory.allocate('float32', n * n),
    dtype: 'float32' as const,
    shape: [n, n],
    strides: [n, 1],
    offset: 0,
  });
  const [a, b, out] = [matrix(), matrix(), matrix()];
  const product = (): void => matmul(a, b, null, out);
  withoutBaseline(product);
  return product;
}

/** Milliseconds, the best of some. */
function bestTime(call: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    call();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

/** Why sums and products cannot be rounded once here; null where they can be. */
export function relax(): string | null {
  if (canRelax()) return null;
  if (nodeVersion() > 0 && nodeVersion() < RELAXED_NODE) {
    (nodeModule('node:v8') as Flags).setFlagsFromString('--experimental-wasm-relaxed-simd');
  }
  return canRelax() ? null : 'relaxed SIMD is not available here';
}

function canRelax(): boolean {
  const builder = new ModuleBuilder({ shared: false, wide: false, madd: true }, 0);
  builder.function('probe', ['v128'], (f, [x]) => f.set(x, f32x4.relaxedMadd(x, x, x)));
  return webAssembly?.validate(builder.encode()) ?? false;
}

/**
 * Runs `body` while V8 compiles modules for speed at once, and not first for a quick start: what is compiled meanwhile
 * is what will run later. Elsewhere than in Node, just runs it.
 */
export function withoutBaseline<T>(body: () => T): T {
  const flags = nodeModule('node:v8') as Flags | undefined;
  flags?.setFlagsFromString('--no-liftoff');
  try {
    return body();
  } finally {
    flags?.setFlagsFromString('--liftoff');
  }
}
