/** How long some work takes on a device: a few figures for a report, not a benchmark. */
import type { Kernels, View } from '../../kernels/contract.ts';
import { input } from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import { contiguousStrides, sizeOf } from '../../kernels/strides.ts';
import type { Buffer, Device } from './device.ts';

export interface Timing {
  work: string;
  /** The median of the runs, in milliseconds; NaN where there is none. */
  milliseconds: number;
  runs: number;
  /** What was thrown, if something was. */
  problem: string | null;
}

const [LEAST_RUNS, MOST_RUNS, PATIENCE] = [3, 50, 300];
/** Launches in a row, to tell their time from that of waiting for them. */
const LAUNCHES = 200;

const next = compile(input(0).add(1), 1, 0);
const chain = compile(
  Array.from({ length: 10 }).reduce<ReturnType<typeof input>>((x) => x.mul(0.9).add(0.1), input(0)),
  1,
  0,
);

/** Times every piece of work. Work on a device may be under way when its launch returns: one number is read to wait. */
export function* timings(device: Device): Generator<Timing> {
  const made: Buffer[] = [];
  const make = (...shape: number[]): View<Buffer> => {
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i));
    const buffer = device.upload('float32', data);
    made.push(buffer);
    return { buffer, dtype: 'float32', shape, strides: contiguousStrides(shape), offset: 0 };
  };
  const { kernels } = device;
  for (const [work, prepare] of Object.entries(pieces)) {
    const durations: number[] = [];
    let problem: string | null = null;
    try {
      const one = make();
      const { run, out, times = 1, readsAll = false } = prepare(kernels, make);
      const runAndWait = (): number => {
        const began = performance.now();
        for (let i = 0; i < times; i++) run();
        if (readsAll) device.readSync(out.buffer, 'float32', sizeOf(out.shape));
        else {
          kernels.pointwise(next, [{ ...out, shape: [], strides: [] }], [], one);
          device.readSync(one.buffer, 'float32', 1);
        }
        return (performance.now() - began) / times;
      };
      runAndWait(); // compiles
      const began = performance.now();
      while (
        durations.length < LEAST_RUNS ||
        (durations.length < MOST_RUNS && performance.now() - began < PATIENCE)
      ) {
        durations.push(runAndWait());
      }
    } catch (thrown) {
      problem = thrown instanceof Error ? thrown.message : String(thrown);
    }
    for (const buffer of made.splice(0)) device.release(buffer);
    yield { work, milliseconds: median(durations), runs: durations.length, problem };
  }
}

interface Piece {
  run: () => void;
  out: View<Buffer>;
  /** How often it runs before it is waited for. */
  times?: number;
  /** Whether all of it is read, rather than one number. */
  readsAll?: boolean;
}

type Prepare = (kernels: Kernels<Buffer>, make: (...shape: number[]) => View<Buffer>) => Piece;

const square =
  (n: number): Prepare =>
  (kernels, make) => {
    const [a, b, out] = [make(n, n), make(n, n), make(n, n)];
    return { out, run: () => kernels.matmul(a, b, null, out) };
  };

const pointwise =
  (program: typeof next, shape: readonly number[], more: Partial<Piece> = {}): Prepare =>
  (kernels, make) => {
    const [x, out] = [make(...shape), make(...shape)];
    return { out, run: () => kernels.pointwise(program, [x], [], out), ...more };
  };

const MILLION = [1024, 1024];

const pieces: Record<string, Prepare> = {
  'matmul 256 × 256 × 256': square(256),
  'matmul 512 × 512 × 512': square(512),
  'matmul 1024 × 1024 × 1024': square(1024),
  'softmax of 1024 rows of 1024': (kernels, make) => {
    const [x, out] = [make(...MILLION), make(...MILLION)];
    return { out, run: () => kernels.softmax(x, false, out) };
  },
  'layerNorm of 1024 rows of 1024': (kernels, make) => {
    const [x, weight, bias, out] = [make(...MILLION), make(1024), make(1024), make(...MILLION)];
    return { out, run: () => kernels.layerNorm(x, weight, bias, 1e-5, out) };
  },
  '20 pointwise ops on 1024 × 1024': pointwise(chain, MILLION),
  'one launch of many, on 4 numbers': pointwise(next, [4], { times: LAUNCHES }),
  'a launch and reading 1 number': pointwise(next, [1], { readsAll: true }),
  'a launch and reading 1024 × 1024': pointwise(next, MILLION, { readsAll: true }),
};

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}
