/**
 * The most that SIMD can do on the engine that runs: multiplications and additions among registers, and nothing else.
 * What a product of matrices reaches is given in percent of this, measured in the same run.
 */
import { f32x4, i32 } from '../kernels/assembler/instructions.ts';
import type { KernelFunction, ModuleBuilder } from '../kernels/assembler/module.ts';
import { plainMode } from '../src/device/cpu.ts';
import { CpuMachine } from '../src/device/cpu-machine.ts';
import type { Session } from './session.ts';

/** Each has to wait for its product and its addition, some cycles each: so many others are under way meanwhile. With two constants they fill the registers. */
const ACCUMULATORS = 13;
const TURNS = 50_000;
/** So many parts a thread, so that one that begins late does not hold up the end. */
const PARTS_PER_THREAD = 4;
/** Where a part leaves its accumulators: two vectors each, where they come in pairs. */
const BYTES_PER_PART = 2 * 16 * ACCUMULATORS;

export interface Peak {
  /** Does the work once. */
  run(): void;
  /** How much work that is. */
  readonly flops: number;
}

/** The peak kernel on a machine of its own, which runs as the session's device does. */
export async function startPeak({ threads, wide, fast }: Session): Promise<Peak> {
  const machine = new CpuMachine({ ...plainMode, shared: threads > 1, wide, madd: fast, threads });
  const kernel = machine.module(emitPeak);
  const parts = PARTS_PER_THREAD * threads;
  const out = machine.memory.reserve(parts * BYTES_PER_PART);
  await machine.settle();
  const vectors = ACCUMULATORS * (wide ? 2 : 1);
  return {
    run: () => machine.launch(kernel, parts, TURNS, out),
    flops: parts * TURNS * vectors * 4 * 2, // 4 lanes, 2 operations
  };
}

/**
 * Sets every accumulator to itself · ½ + 1, again and again. Each is read from memory and written back, so that no engine
 * may leave the work out, and since each depends on its own last value alone, none has to wait for another.
 */
function emitPeak(module: ModuleBuilder): KernelFunction {
  const { wide, madd } = module.mode;
  return module.kernel('peak', ['turns', 'out'], (f, [turns, out], part) => {
    const [half, one] = [f.splat(0.5), f.splat(1)];
    f.advance(out, i32.mul(part, i32.const(BYTES_PER_PART)));
    const accumulators = f.locals('v128', ACCUMULATORS * (wide ? 2 : 1)); // pairs stand side by side
    accumulators.forEach((x, i) => f.set(x, f32x4.load(out, 16 * i)));
    // Tested at its end: Node 20 takes constants out of such a loop only.
    f.repeat(() => {
      for (const x of accumulators) {
        f.set(x, madd ? f32x4.relaxedMadd(x, half, one) : f32x4.add(f32x4.mul(x, half), one));
      }
      f.advance(turns, -1);
      return turns;
    });
    accumulators.forEach((x, i) => f.add(f32x4.store(out, x, 16 * i)));
  });
}
