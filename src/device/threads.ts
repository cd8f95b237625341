/**
 * Threads that run parts of kernels. One job at a time: the main thread writes what is to be done into shared memory,
 * takes parts itself, and waits until all are done. Whoever is free takes the next part; since the parts of a job do not
 * depend on who runs them, results are the same with any number of threads, also while some are still starting.
 */
import type { WebAssemblyMemory } from '../../kernels/assembler/webassembly.ts';

/** Where the threads meet: int32 cells of one block of memory, apart, so that no two share a cache line. */
const CELLS = {
  remaining: 0,
  done: 16,
  module: 32,
  address: 33,
  length: 34,
  entry: 35,
  sleeping: 48,
  failed: 49,
  ready: 50,
  /** The arguments of the kernel: see `KernelFunction`. */
  arguments: 64,
  /** What went wrong in a thread, one letter a cell. */
  message: 128,
};
const MOST_LETTERS = 300;
/** The size of that block. */
export const CONTROL_BYTES = 2048;
/** Where in it a kernel's arguments begin, and how many have room. */
export const ARGUMENTS: { byte: number; most: number } = {
  byte: 4 * CELLS.arguments,
  most: CELLS.message - CELLS.arguments,
};

/** How often a thread looks for work before it goes to sleep: for about a millisecond. */
const LOOKS = 200_000;
/** How long the main thread waits for the others, in milliseconds, before it takes them for dead. */
const PATIENCE = 60_000;
/** How often the main thread looks whether the others are done before it looks at the clock. */
const LOOKS_AT_CLOCK = 2 ** 20;
/** What passes between two looks at the clock, in milliseconds, at most: more only if the whole process stood still. */
const LONGEST_LOOK = 1000;

/** What a thread does, in JavaScript that needs nothing else: Node, bundlers and browsers all start it from this text. */
const PROGRAM = `
const work = ({ memory, control }) => {
  const cells = new Int32Array(memory.buffer, control, ${CONTROL_BYTES / 4});
  const modules = [];
  const load = (id, address, length) => {
    memory.grow(0); // another thread may have made it longer
    const bytes = new Uint8Array(memory.buffer, address, length).slice();
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory } });
    return modules[id] = Object.keys(exports).map((name) => exports[name]);
  };
  const run = (part) => {
    const id = cells[${CELLS.module}];
    const kernels = modules[id] ?? load(id, cells[${CELLS.address}] >>> 0, cells[${CELLS.length}]);
    kernels[cells[${CELLS.entry}]](control + ${ARGUMENTS.byte}, part);
  };
  Atomics.add(cells, ${CELLS.ready}, 1);
  for (;;) {
    let left = Atomics.load(cells, ${CELLS.remaining});
    for (let looks = 0; left === 0 && looks < ${LOOKS}; looks++) left = Atomics.load(cells, ${CELLS.remaining});
    if (left === 0) {
      Atomics.add(cells, ${CELLS.sleeping}, 1);
      Atomics.wait(cells, ${CELLS.remaining}, 0);
      Atomics.sub(cells, ${CELLS.sleeping}, 1);
      continue;
    }
    if (left < 0) return;
    if (Atomics.compareExchange(cells, ${CELLS.remaining}, left, left - 1) !== left) continue;
    // This part is taken, so the job stays as it is until it is done.
    try {
      run(left - 1);
    } catch (error) {
      const message = String(error && error.message || error).slice(0, ${MOST_LETTERS});
      for (let i = 0; i < ${MOST_LETTERS}; i++) cells[${CELLS.message} + i] = message.charCodeAt(i) || 0;
      Atomics.store(cells, ${CELLS.failed}, 1);
    }
    Atomics.add(cells, ${CELLS.done}, 1);
  }
};
if (typeof self !== 'undefined' && typeof self.postMessage === 'function') self.onmessage = ({ data }) => work(data);
else work(require('node:worker_threads').workerData);
`;

/** What a launch needs of a module: where its bytes stand, for threads to load it, and its kernels, bound here. */
export interface LoadedModule {
  readonly id: number;
  readonly address: number;
  readonly length: number;
  readonly kernels: readonly ((block: number, part: number) => void)[];
}

interface Thread {
  unref?(): void;
  terminate(): unknown;
  on?(event: string, listener: (error: unknown) => void): void;
  addEventListener?(event: string, listener: (event: { message?: string }) => void): void;
  postMessage(message: unknown): void;
}

export class Threads {
  readonly #cells: Int32Array;
  readonly #control: number;
  readonly #patience: number;
  readonly #threads: Thread[] = [];
  #lost: string | null = null;
  #dead: Error | null = null;

  /**
   * Starts `count` threads beside the main one. They come up while it goes on; should some not come up, the others do
   * their work (see `lost`).
   *
   * @param control the byte address of CONTROL_BYTES zeros
   * @param patience milliseconds to wait for a thread that has taken a part
   */
  constructor(memory: WebAssemblyMemory, control: number, count: number, patience: number = PATIENCE) {
    this.#cells = new Int32Array(memory.buffer, control, CONTROL_BYTES / 4);
    this.#control = control;
    this.#patience = patience;
    const lost = (why: string): void => {
      this.#lost ??= why; // the first news is the reason
    };
    try {
      while (this.#threads.length < count) this.#threads.push(startThread({ memory, control }, lost));
    } catch (error) {
      lost(String(error));
    }
  }

  /**
   * Why a thread is missing; null where none is. Such news come between jobs, when nobody holds a part: one that died
   * over a part was found out by `run`.
   */
  get lost(): string | null {
    return this.#dead?.message ?? this.#lost;
  }

  /** How many threads have come up, beside the main one. */
  get ready(): number {
    return Atomics.load(this.#cells, CELLS.ready);
  }

  /** Ends all threads. */
  stop(): void {
    Atomics.store(this.#cells, CELLS.remaining, -1);
    Atomics.notify(this.#cells, CELLS.remaining);
    for (const thread of this.#threads) thread.terminate();
  }

  /**
   * Runs parts 0 … parts − 1 of a kernel whose arguments stand in the control block.
   *
   * @throws Error if a part throws, in any thread, or a thread does not finish what it took
   */
  run({ id, address, length, kernels }: LoadedModule, entry: number, parts: number): void {
    if (this.#dead) throw this.#dead;
    const cells = this.#cells;
    cells[CELLS.module] = id;
    cells[CELLS.address] = address;
    cells[CELLS.length] = length;
    cells[CELLS.entry] = entry;
    Atomics.store(cells, CELLS.done, 0);
    Atomics.store(cells, CELLS.remaining, parts);
    if (Atomics.load(cells, CELLS.sleeping) > 0) Atomics.notify(cells, CELLS.remaining);
    const kernel = kernels[entry];
    const block = this.#control + ARGUMENTS.byte;
    let own = 0;
    let failure: { error: unknown } | null = null;
    for (let left = parts; left > 0; left = Atomics.load(cells, CELLS.remaining)) {
      if (Atomics.compareExchange(cells, CELLS.remaining, left, left - 1) !== left) continue;
      own++;
      if (failure) continue; // the rest is not worth doing, but others may still be at work
      try {
        kernel(block, left - 1);
      } catch (error) {
        failure = { error };
      }
    }
    this.#join(parts - own);
    if (failure) throw failed(failure.error);
  }

  /** Waits for the parts that others took. */
  #join(others: number): void {
    const cells = this.#cells;
    let [waited, before] = [0, 0];
    for (let looks = 1; Atomics.load(cells, CELLS.done) < others; looks++) {
      if (looks % LOOKS_AT_CLOCK !== 0) continue;
      const now = performance.now();
      // A process that was stopped for an hour (Ctrl-Z) has not waited for one.
      if (before > 0) waited += Math.min(now - before, LONGEST_LOOK);
      before = now;
      if (waited < this.#patience) continue;
      // Should it wake up after all, it would write into memory that others have: nothing more is run beside it.
      this.#dead = new Error(
        'cpu: a thread does not answer: it has crashed or was stopped; start the process anew, or set the number of threads',
      );
      throw this.#dead;
    }
    if (Atomics.load(cells, CELLS.failed) === 0) return;
    Atomics.store(cells, CELLS.failed, 0);
    const letters = Array.from(cells.subarray(CELLS.message, CELLS.message + MOST_LETTERS));
    throw failed(String.fromCharCode(...letters).split('\0')[0]);
  }
}

function failed(why: unknown): Error {
  return new Error(`cpu: a kernel failed: ${why instanceof Error ? why.message : why}`, { cause: why });
}

function startThread(data: object, lost: (why: string) => void): Thread {
  const workers = nodeModule('node:worker_threads') as NodeWorkers | undefined;
  if (workers) {
    // What was preloaded into this process (loaders, profilers) has no work there.
    const bare = { eval: true, execArgv: [], env: {} };
    const thread = new workers.Worker(PROGRAM, { ...bare, workerData: data });
    thread.on?.('error', (error) => lost(String(error)));
    thread.on?.('exit', () => lost('it ended'));
    thread.unref?.(); // it does not keep the process alive
    return thread;
  }
  const { Worker, Blob, URL } = globalThis as unknown as BrowserWorkers;
  const thread = new Worker(URL.createObjectURL(new Blob([PROGRAM], { type: 'text/javascript' })));
  thread.addEventListener?.('error', ({ message }) => lost(message ?? 'it could not start'));
  thread.postMessage(data);
  return thread;
}

/** Why no threads can run here; null where they can. */
export function threadsMissing(): string | null {
  const { Worker } = globalThis as { Worker?: unknown };
  if (typeof SharedArrayBuffer === 'undefined')
    return 'memory cannot be shared here (a page must be cross-origin isolated)';
  if (nodeModule('node:worker_threads') || Worker) return null;
  return 'no threads here (they take Node 20.16 and newer, or a browser)';
}

/** Whether threads start without the help of the main one: in Node, not in a page. */
export function threadsComeUpAlone(): boolean {
  return nodeModule('node:worker_threads') !== undefined;
}

/** How many threads the processor can run at once. */
export function processorCount(): number {
  const os = nodeModule('node:os') as { availableParallelism(): number } | undefined;
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return os?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1;
}

/** A module of Node's own, where this is Node (20.16 and newer); undefined elsewhere. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(name);
}

interface NodeWorkers {
  Worker: new (program: string, options: { eval: boolean; workerData: object; execArgv: string[] }) => Thread;
}

interface BrowserWorkers {
  Worker: new (url: string) => Thread;
  Blob: new (parts: string[], options: { type: string }) => object;
  URL: { createObjectURL(blob: object): string };
}
