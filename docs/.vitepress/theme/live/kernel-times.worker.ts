/**
 * Times kernels on the devices of this browser, outside the page, which stays alive. A kernel is called on numbers that
 * are there already, and writes where there is room already: what is timed is the kernel, not the tensors around it.
 */
import { currentDevice, type Device, type DeviceReport, type DType, useDevice } from 'hopgrad';
import type { Asked, Contender, News, Size, Timed, Work } from './kernel-times.ts';

/** A sample lasts at least so long, in milliseconds: many calls of a small kernel, since the clocks of pages are coarse. */
const SAMPLE = 4;
const [WARM_UP, PATIENCE] = [120, 700];
const [LEAST_SAMPLES, MOST_SAMPLES] = [5, 31];

const say = (news: News): void => postMessage(news);

self.onmessage = async ({ data }: MessageEvent<Asked>) => {
  try {
    await run(data);
    say({ kind: 'done' });
  } catch (error) {
    say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};

async function run({ work, sizes, contenders }: Asked): Promise<void> {
  await useDevice('reference');
  const reference = currentDevice();
  const expected = new Map<Size, ArrayLike<number>>();
  for (const contender of contenders) {
    const { running, reason, renderer } = await start(contender);
    const runs = running === (contender === 'cpu, one thread' ? 'cpu' : contender);
    say({ kind: 'device', contender, running, reason, renderer, runs });
    if (!runs) continue;
    for (const size of sizes) {
      say({ kind: 'begun', contender, size });
      const task = new Task(currentDevice(), work, size);
      const timing = time(task); // before anything else has run it: the first call is a first call
      const result = task.result();
      task.release();
      if (!expected.has(size)) expected.set(size, new Task(reference, work, size).result());
      const error = largestDifference(result, expected.get(size) ?? []);
      say({ kind: 'timed', contender, size, error, ...timing });
    }
  }
}

function start(contender: Contender): Promise<DeviceReport> {
  return contender === 'cpu, one thread' ? useDevice('cpu', { threads: 1 }) : useDevice(contender);
}

interface Numbers {
  buffer: unknown;
  dtype: DType;
  shape: readonly number[];
  strides: readonly number[];
  offset: number;
}

/** One kernel with its arguments on a device. */
class Task {
  readonly call: () => void;
  readonly #device: Device;
  readonly #made: unknown[] = [];
  readonly #out: Numbers;
  readonly #last: Numbers;
  readonly #row: Numbers;

  constructor(device: Device, work: Work, size: Size) {
    this.#device = device;
    const { kernels } = device;
    const [a, b, out] = [0, 1, 2].map((seed) => this.#waves([size, size], seed));
    this.call =
      work === 'softmax' ? () => kernels.softmax(a, false, out) : () => kernels.matmul(a, b, null, out);
    this.#out = out;
    this.#last = this.#view('int32', [1], Int32Array.of(size - 1));
    this.#row = this.#waves([1, size], 0);
  }

  /** Waits until all that was launched is done, by reading the result's last row. */
  wait(): void {
    this.#device.kernels.gatherRows(this.#out, this.#last, this.#row);
    this.#device.readSync(this.#row.buffer, 'float32', this.#row.shape[1]);
  }

  result(): ArrayLike<number> {
    this.call();
    return this.#device.readSync(this.#out.buffer, 'float32', this.#out.shape[0] * this.#out.shape[1]);
  }

  release(): void {
    for (const buffer of this.#made) this.#device.release(buffer);
  }

  #waves(shape: readonly [number, number], seed: number): Numbers {
    const data = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => 3 * Math.sin(i + seed));
    return this.#view('float32', shape, data);
  }

  #view(dtype: DType, shape: readonly number[], data: Float32Array | Int32Array): Numbers {
    const buffer = this.#device.upload(dtype, data);
    this.#made.push(buffer);
    return { buffer, dtype, shape, strides: [...shape.slice(1), 1], offset: 0 };
  }
}

/** Milliseconds a call. The first one compiles and is told apart; samples are taken when the kernel is warm. */
function time(task: Task): Omit<Timed, 'contender' | 'size' | 'error'> {
  const sample = (calls: number): number => {
    const began = performance.now();
    for (let i = 0; i < calls; i++) task.call();
    task.wait();
    return (performance.now() - began) / calls;
  };
  const first = sample(1);
  let calls = 1;
  for (const began = performance.now(); ; ) {
    const one = sample(calls);
    if (calls * one < SAMPLE) calls *= 2;
    else if (performance.now() - began >= WARM_UP) break;
  }
  const samples: number[] = [];
  const began = performance.now();
  while (
    samples.length < LEAST_SAMPLES ||
    (samples.length < MOST_SAMPLES && performance.now() - began < PATIENCE)
  ) {
    samples.push(sample(calls));
  }
  samples.sort((a, b) => a - b);
  const [fastest, slowest] = [samples[0], samples[samples.length - 1]];
  const median = samples[Math.floor(samples.length / 2)];
  return { first, median, fastest, slowest, samples: samples.length, calls };
}

function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i] - expected[i]);
    if (!(difference <= largest)) largest = difference; // NaN shows
  }
  return largest;
}
