/** Threads: all parts of all jobs are done once, whoever does them; what goes wrong is an error, and nothing ever hangs. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { i32 } from '../../kernels/assembler/instructions.ts';
import { MOST_PAGES, ModuleBuilder } from '../../kernels/assembler/module.ts';
import { type WebAssemblyMemory, webAssembly } from '../../kernels/assembler/webassembly.ts';
import { plainMode, simdDevice } from '../../src/device/cpu.ts';
import type { CpuMachine } from '../../src/device/cpu-machine.ts';
import { CONTROL_BYTES, type LoadedModule, Threads } from '../../src/device/threads.ts';
import { type Device, Random, randn, type Tensor } from '../../src/index.ts';
import { cpuMachine } from './fixtures.ts';

const [UNREACHABLE, FOREVER] = [[0x00], [0x03, 0x40, 0x0c, 0x00, 0x0b]];

const machines: CpuMachine[] = [];
const stopping: (() => void)[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.stop();
  for (const stop of stopping.splice(0)) stop();
});

function machineOf(threads: number): CpuMachine {
  const machine = cpuMachine(threads);
  machines.push(machine);
  return machine;
}

/** A kernel that adds 1 to the int32 at `counts` that belongs to its part. */
function counting(machine: CpuMachine) {
  return machine.module((module) =>
    module.kernel('count', ['counts'], (f, [counts], part) => {
      const cell = f.keep(i32.add(counts, i32.mul(part, i32.const(4))), 'i32');
      f.add(i32.store(cell, i32.add(i32.load(cell), i32.const(1))));
    }),
  );
}

/** Launches `jobs` jobs of so many parts and returns how often each part was done. */
function countsOf(machine: CpuMachine, parts: number, jobs: number): number[] {
  const kernel = counting(machine);
  const at = machine.memory.reserve(4 * parts);
  machine.ints().fill(0, at / 4, at / 4 + parts);
  for (let job = 0; job < jobs; job++) machine.launch(kernel, parts, at);
  return [...machine.ints().subarray(at / 4, at / 4 + parts)];
}

describe('every part of every job is done once', () => {
  test.each([
    [1, 5, 1000],
    [2, 2, 100_000],
    [3, 3, 100_000],
    [3, 64, 2000],
    [8, 64, 500],
  ])('by %i threads: %i parts, %i jobs', (threads, parts, jobs) => {
    expect(countsOf(machineOf(threads), parts, jobs)).toEqual(Array(parts).fill(jobs));
  });

  test('also while the number of threads changes, before they are up', async () => {
    const machine = machineOf(3);
    for (const threads of [3, 1, 2, 8, 2, 3, 3, 1, 4]) {
      machine.threads = threads;
      expect(machine.threads).toBe(threads);
      expect(countsOf(machine, 7, 50)).toEqual(Array(7).fill(50));
      if (threads % 2 === 0) await machine.settle();
      expect(countsOf(machine, 7, 50)).toEqual(Array(7).fill(50));
    }
  });

  test('also after the threads were stopped, and began anew', async () => {
    const machine = machineOf(3);
    for (let i = 0; i < 3; i++) {
      await machine.settle();
      expect(countsOf(machine, 7, 100)).toEqual(Array(7).fill(100));
      machine.stop();
    }
  });

  test('also while the memory grows', async () => {
    const machine = machineOf(3);
    await machine.settle();
    for (let i = 0; i < 20; i++) {
      machine.memory.allocate('float32', 2 ** 20);
      const kernel = counting(machine); // its bytes stand where threads have not looked before
      const at = machine.memory.reserve(400); // and so do the numbers
      machine.ints().fill(0, at / 4, at / 4 + 100);
      machine.launch(kernel, 100, at);
      expect([...machine.ints().subarray(at / 4, at / 4 + 100)]).toEqual(Array(100).fill(1));
    }
  });
});

test('results have the same bits with any number of threads', () => {
  const results = [1, 2, 3, 8].map((threads) => {
    const device = simdDevice(machineOf(threads));
    return manyResults(device).map((x) => Buffer.from(x.toTypedArray().buffer).toString('base64'));
  });
  for (const other of results.slice(1)) expect(other).toEqual(results[0]);
});

/** Results of every kind of kernel, large enough to be cut into parts. */
function manyResults(device: Device): Tensor[] {
  const random = new Random(3);
  const normal = (...shape: number[]): Tensor => randn(shape, random, { device });
  const [x, weight, bias] = [normal(700, 130), normal(130, 90), normal(130)];
  const [q, k, v] = [1, 2, 3].map(() => normal(2, 4, 100, 24));
  return [
    x.mul(2).add(bias).tanh(),
    x.matmul(weight),
    x.softmax(),
    x.logSoftmax(),
    x.layerNorm(bias, bias),
    x.sum(0),
    x.sum(1),
    x.sum(),
    q.scaledDotProductAttention(k, v, { causal: true }),
  ];
}

describe('a kernel that traps', () => {
  test.each([1, 3])('on %i threads is an error that says so, and work goes on', async (threads) => {
    const machine = machineOf(threads);
    await machine.settle();
    const trap = machine.module((module) => module.kernel('trap', [], (f) => f.add(UNREACHABLE)));
    for (let i = 0; i < 20; i++) {
      expect(() => machine.launch(trap, 1 + i)).toThrow(
        i === 0 || threads === 1 ? 'unreachable' : /^cpu: a kernel failed: unreachable$/,
      );
      expect(countsOf(machine, 5, 20)).toEqual(Array(5).fill(20));
    }
  });

  test('in one of the other threads alone, too', async () => {
    const pool = await poolOf(1, UNREACHABLE);
    expect(() => pool.run(() => {})).toThrow(/^cpu: a kernel failed: unreachable$/);
    expect(() => pool.run(() => {})).toThrow(/^cpu: a kernel failed: unreachable$/);
  });

  test('in the main thread alone, too, while others work', async () => {
    const pool = await poolOf(1, []);
    const fail = (): never => {
      throw new Error('there it is');
    };
    expect(() => pool.run(fail)).toThrow(/^cpu: a kernel failed: there it is$/);
    pool.run(() => {});
  });
});

describe('a thread that does not answer', () => {
  test('is an error before long, and no work is done beside it', async () => {
    const pool = await poolOf(1, FOREVER, 300);
    expect(() => pool.run(() => {})).toThrow(/^cpu: a thread does not answer: .*crashed or was stopped/);
    expect(() => pool.run(() => {})).toThrow('does not answer');
  });

  test('because it was terminated over its part, too', async () => {
    const made = watchWorkers();
    const pool = await poolOf(1, FOREVER, 300);
    const ended = once(made[0], 'exit');
    expect(() => pool.run(() => void made[0].terminate())).toThrow('does not answer');
    await ended;
  });

  test('because it was terminated while it had nothing to do, is not missed', async () => {
    const made = watchWorkers();
    const machine = machineOf(3);
    await machine.settle();
    await made[0].terminate();
    expect(countsOf(machine, 7, 100)).toEqual(Array(7).fill(100));
  });

  test('is replaced when the same number of threads is asked for again', async () => {
    const made = watchWorkers();
    const machine = machineOf(3);
    await machine.settle();
    await made[0].terminate();
    while (!machine.lost) await delay(1);
    machine.threads = 3;
    await machine.settle();
    expect(machine.lost).toBe(null);
    expect(made.length).toBe(4);
    machine.threads = 3; // nothing is lost: nothing to do
    expect(countsOf(machine, 7, 100)).toEqual(Array(7).fill(100));
    expect(made.length).toBe(4);
  });
});

test('where no thread can be started, the main one does the work, and the reason is known', () => {
  replaceWorker(
    class {
      constructor() {
        throw new Error('no more threads');
      }
    },
  );
  const machine = machineOf(3);
  const device = simdDevice(machine);
  expect(device.description).toContain('on 3 threads;');
  expect(countsOf(machine, 7, 100)).toEqual(Array(7).fill(100));
  expect(device.description).toContain('on 3 threads, not all of which run (Error: no more threads);');
});

test('where a thread dies while it starts, the others do the work, and the reason is known', async () => {
  replaceWorker(
    class extends Worker {
      constructor(program: string, options: object) {
        super(`throw new Error('not here');\n${program}`, options);
      }
    },
  );
  const machine = machineOf(2);
  expect(countsOf(machine, 7, 100)).toEqual(Array(7).fill(100));
  while (!machine.lost) await delay(1);
  expect(machine.lost).toBe('Error: not here');
  expect(countsOf(machine, 7, 100)).toEqual(Array(7).fill(100));
});

/** Makes threads start from another class until the test ends. */
function replaceWorker(replacement: unknown): void {
  const workers = process.getBuiltinModule('node:worker_threads') as { Worker: unknown };
  const { Worker } = workers;
  workers.Worker = replacement;
  stopping.push(() => {
    workers.Worker = Worker;
  });
}

/** The workers that are started from now on until the test ends. */
function watchWorkers(): Worker[] {
  const made: Worker[] = [];
  replaceWorker(
    class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        made.push(this);
      }
    },
  );
  return made;
}

test('threads that have nothing to do sleep', async () => {
  const machine = machineOf(3);
  await machine.settle();
  expect(countsOf(machine, 7, 100)).toEqual(Array(7).fill(100));
  await delay(200);
  const before = process.cpuUsage();
  await delay(1000);
  const { user, system } = process.cpuUsage(before);
  // Three that look for work without end would take two seconds, or all that the machine has.
  expect((user + system) / 1e6).toBeLessThan(0.3);
});

test('a process ends by itself when its work is done, with threads or while they still start', () => {
  const library = resolve('dist/src/index.js');
  for (const more of [
    '',
    'await new Promise((resolve) => setTimeout(resolve, 300)); large.softmax().storage.settle();',
  ]) {
    const program = `
      import { randn, Random, useDevice } from ${JSON.stringify(library)};
      await useDevice('cpu', { threads: 3 });
      const large = randn([512, 512], new Random(1));
      console.log(large.softmax().sum().item().toFixed(2));
      ${more}`;
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { encoding: 'utf8', timeout: 20_000 },
    );
    expect({ status, signal, stdout, stderr }).toEqual({
      status: 0,
      signal: null,
      stdout: '512.00\n',
      stderr: '',
    });
  }
});

/**
 * Threads over a memory of their own, and one kernel of two parts: other threads first make a mark that they have begun
 * one, then run `code`; the main thread, once it sees the mark, calls a function.
 */
async function poolOf(
  others: number,
  code: number[],
  patience?: number,
): Promise<{ run: (main: () => void) => void }> {
  const { Memory } = webAssembly as NonNullable<typeof webAssembly>;
  const memory: WebAssemblyMemory = new Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  const [control, mark, address] = [64, 64 + CONTROL_BYTES, 128 + CONTROL_BYTES];
  const builder = new ModuleBuilder({ ...plainMode, shared: true }, 0);
  builder.kernel('marked', [], (f) => f.add(i32.store(i32.const(mark), i32.const(1)), code));
  const bytes = builder.encode();
  new Uint8Array(memory.buffer).set(bytes, address);
  const marks = new Int32Array(memory.buffer, mark, 1);
  const threads = new Threads(memory, control, others, patience);
  stopping.push(() => threads.stop());
  while (threads.ready < others) await delay(1);
  return {
    run: (main) => {
      Atomics.store(marks, 0, 0);
      const kernel = (): void => {
        while (Atomics.load(marks, 0) === 0);
        main();
      };
      const module: LoadedModule = { id: 0, address, length: bytes.length, kernels: [kernel] };
      threads.run(module, 0, 2);
    },
  };
}
