/**
 * A device's kernels against the reference, on the machine of whoever runs it: before an engine is trusted with something
 * that it calls experimental, and where a device is one that nobody here has seen. Enough elements for the main loops and
 * the ends of rows; the test suite tries far more.
 */
import type { DType, Kernels, TypedArray, View } from '../../kernels/contract.ts';
import { input, parameter } from '../../kernels/pointwise/expression.ts';
import { compile, compileTogether } from '../../kernels/pointwise/program.ts';
import { reference } from '../../kernels/reference.ts';
import { contiguousStrides, type HostView, sizeOf } from '../../kernels/strides.ts';
import { Random } from '../tensor/random.ts';
import { mapViews, written } from './borrowed.ts';
import { type Buffer, type Device, typedArray } from './device.ts';
import { type Timing, timings } from './self-timing.ts';

const [ROWS, COLUMNS] = [37, 77];
/** Relative to the largest result: rounding, and the polynomials' error. */
const BOUND = 1e-5;

type KernelName = keyof Kernels<unknown>;

/** One kernel, called with several sets of arguments. */
export interface KernelCheck {
  kernel: KernelName;
  calls: number;
  /** The largest error, as a share of what is allowed; NaN where a number is missing. */
  error: number;
  passed: boolean;
  /** How many of the calls the device itself computed, where it counts; the host computed the others. */
  onDevice: number | null;
  /** What the kernel threw, if it did. */
  problem: string | null;
}

export interface SelfTest {
  device: string;
  description: string;
  renderer: string | null;
  limits: Readonly<Record<string, number>>;
  passed: boolean;
  kernels: KernelCheck[];
  timings: Timing[];
}

const random = new Random(20231115);

function filled(dtype: DType, shape: readonly number[], value: (i: number) => number): HostView {
  const buffer: TypedArray = typedArray(dtype, sizeOf(shape));
  for (let i = 0; i < buffer.length; i++) buffer[i] = value(i);
  return { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
}

const normal = (...shape: number[]): HostView => filled('float32', shape, () => random.normal());
const empty = (...shape: number[]): HostView => filled('float32', shape, () => 77);
const whole = (...shape: number[]): HostView => filled('int32', shape, () => 77);
/** Whole numbers from `least` up to below `most`. */
const index = (shape: readonly number[], most: number, least = 0): HostView =>
  filled('int32', shape, () => least + random.int(most - least));
const all = [ROWS, COLUMNS] as const;

function transposed(x: HostView): HostView {
  return { ...x, shape: x.shape.toReversed(), strides: x.strides.toReversed() };
}

/** The columns from `from` on. */
function cut(x: HostView, from: number): HostView {
  return { ...x, shape: [x.shape[0], x.shape[1] - from], offset: from };
}

/** One row, over and over. */
function repeated(row: HostView, rows: number): HostView {
  return { ...row, shape: [rows, ...row.shape], strides: [0, ...row.strides] };
}

/** Rows of whole groups of four, rows with ends, long rows. */
const extents = [[32, 64], all, [3, 1300]] as const;

/** Arguments for every kernel. */
function makeCases(): Record<KernelName, unknown[][]> {
  const [x, y] = [input(0), input(1)];
  const smooth = x.exp().add(x.abs().add(1).log()).mul(x.tanh()).add(x.erf().mul(x.sin())).sub(parameter(0));
  const others = x
    .lessThan(y)
    .select(x.maximum(y).sigmoid(), x.expm1().minimum(y.cos()))
    .add(x.abs().add(0.1).pow(1.5))
    .add(y.square().log1p().sqrt().div(y.square().add(1)))
    .add(x.sign().mul(y.neg()).mul(x.equal(y)));
  const causal = { causal: true, positions: null, batch: null };
  const free = { causal: false, positions: null, batch: null };
  const placed = { causal: true, positions: index([3, 5], 33, -1), batch: index([3], 2) };
  const heads = (...shape: number[]): HostView => normal(2, 3, ...shape);
  const headsOut = (...shape: number[]): HostView => empty(2, 3, ...shape);
  const reduced = ['sum', 'prod', 'max', 'min'] as const;
  const target = normal(...all);
  return {
    pointwise: [
      [compile(smooth, 1, 1), [normal(...all)], [0.5], empty(...all)],
      [compile(others, 2, 0), [normal(...all), transposed(normal(COLUMNS, ROWS))], [], empty(...all)],
      [compile(others, 2, 0), [repeated(normal(64), 32), cut(normal(32, 67), 3)], [], empty(32, 64)],
      [compile(x.lessThan(y), 2, 0), [normal(...all), normal(...all)], [], filled('bool', all, () => 1)],
    ],
    update: [
      [
        compileTogether([x.mul(0.9).add(y), x.sub(parameter(0))], 2, 1),
        [target, normal(...all)],
        [0.5],
        [target, empty(...all)],
      ],
    ],
    reduce: reduced.flatMap((kind) => [
      [kind, normal(...all), [0], empty(1, COLUMNS)],
      [kind, normal(3, 1300), [1], empty(3, 1)],
      [kind, transposed(normal(...all)), [0, 1], empty(1, 1)],
      [kind, normal(5, 6, 8), [1], empty(5, 1, 8)],
    ]),
    argReduce: extents.flatMap(([rows, columns]) => [
      ['max', normal(rows, columns), whole(rows, 1)],
      ['min', normal(rows, columns), whole(rows, 1)],
    ]),
    scan: extents.map(([rows, columns]) => ['sum', normal(rows, columns), empty(rows, columns)]),
    sort: [true, false].map((descending) => [normal(...all), descending, empty(...all), whole(...all)]),
    matmul: [
      [normal(ROWS, 50), normal(50, COLUMNS), normal(COLUMNS), empty(...all)],
      [transposed(normal(50, ROWS)), transposed(normal(COLUMNS, 50)), null, empty(...all)],
      [normal(64, 32), transposed(normal(48, 32)), normal(48), empty(64, 48)],
      [normal(3, ROWS, 300), repeated(normal(300, 16), 3), null, empty(3, ROWS, 16)],
      [transposed(normal(600, 24)), normal(600, 32), null, empty(24, 32)],
    ],
    softmax: extents.flatMap(([rows, columns]) =>
      [false, true].map((log) => [normal(rows, columns), log, empty(rows, columns)]),
    ),
    softmaxBackward: extents.flatMap(([rows, columns]) =>
      [false, true].map((log) => [normal(rows, columns), normal(rows, columns), log, empty(rows, columns)]),
    ),
    layerNorm: extents.map(([rows, columns]) => [
      normal(rows, columns),
      normal(columns),
      normal(columns),
      1e-5,
      empty(rows, columns),
    ]),
    layerNormBackward: extents.map(([rows, columns]) => [
      normal(rows, columns),
      normal(rows, columns),
      normal(columns),
      1e-5,
      empty(rows, columns),
      empty(columns),
      empty(columns),
    ]),
    crossEntropy: extents.map(([rows, columns]) => [
      normal(rows, columns),
      index([rows], columns, -1),
      -1,
      empty(),
    ]),
    crossEntropyBackward: extents.map(([rows, columns]) => [
      normal(),
      normal(rows, columns),
      index([rows], columns, -1),
      -1,
      empty(rows, columns),
    ]),
    attention: [
      [heads(33, 16), heads(33, 16), heads(33, 16), causal, 0.25, headsOut(33, 16)],
      [heads(9, 6), heads(9, 6), heads(9, 6), free, 0.4, headsOut(9, 6)],
      [normal(3, 3, 5, 16), heads(33, 16), heads(33, 16), placed, 0.25, empty(3, 3, 5, 16)],
    ],
    attentionBackward: [
      [
        ...[heads(33, 16), heads(33, 16), heads(33, 16), heads(33, 16), causal, 0.25, heads(33, 16)],
        ...[headsOut(33, 16), headsOut(33, 16), headsOut(33, 16)],
      ],
      [
        ...[normal(3, 3, 5, 16), normal(3, 3, 5, 16), heads(33, 16), heads(33, 16), placed, 0.25],
        ...[normal(3, 3, 5, 16), empty(3, 3, 5, 16), headsOut(33, 16), headsOut(33, 16)],
      ],
    ],
    gatherRows: [
      [normal(...all), index([50], ROWS, -1), empty(50, COLUMNS)],
      [normal(32, 64), index([50], 32, -1), empty(50, 64)],
    ],
    scatterRows: [
      [normal(...all), index([20], ROWS, -1), normal(20, COLUMNS), empty(...all)],
      [normal(32, 64), index([20], 32, -1), normal(20, 64), empty(32, 64)],
    ],
    scatterAddRows: [
      [index([50], ROWS, -1), normal(50, COLUMNS), empty(...all)],
      [index([50], 32, -1), normal(50, 64), empty(32, 64)],
    ],
    gather: [[normal(...all), index([ROWS, 9], COLUMNS), empty(ROWS, 9)]],
    scatterAdd: [[normal(...all), index([ROWS, 9], COLUMNS), normal(ROWS, 9), empty(...all)]],
    gumbel: [
      [1, 2, 0, empty(...all)],
      [0xdeadbeef, 0x12345678, 4_000_000_002, empty(32, 64)],
    ],
    copyInto: [
      [normal(...all), transposed(empty(COLUMNS, ROWS))],
      [normal(32, 64), cut(empty(32, 67), 3)],
    ],
  };
}

/** What only a device that nobody here has seen is tried with: it takes its time. */
function makeHardCases(): Partial<Record<KernelName, unknown[][]>> {
  const [x, y] = [input(0), input(1)];
  const special = [Number.NaN, Infinity, -Infinity, 0, 1, -1, 0.5, 88, -87, 1e30, -1e30, 3e-20];
  const pairs = special.flatMap((a) => special.map((b) => [a, b]));
  const [first, second] = [0, 1].map((side) => filled('float32', [pairs.length], (i) => pairs[i][side]));
  const one = (expression: typeof x, values: HostView): unknown[] => [
    compile(expression, 1, 0),
    [values],
    [],
    empty(...values.shape),
  ];
  const two = (expression: typeof x): unknown[] => [
    compile(expression, 2, 0),
    [first, second],
    [],
    empty(pairs.length),
  ];
  const wide = (shape: readonly number[], from: number, to: number): HostView =>
    filled('float32', shape, () => from + (to - from) * random.uniform());
  const withNaN = filled('float32', [3, 1025], (i) => (i % 400 === 7 ? Number.NaN : Math.sin(i)));
  return {
    pointwise: [
      ...[x.exp(), x.tanh(), x.sigmoid(), x.erf(), x.abs(), x.sign()].map((expression) =>
        one(expression, first),
      ),
      one(x.lessEqual(0).select(0, x), first), // relu
      ...[x.maximum(y), x.minimum(y), x.lessThan(y), x.equal(y), x.lessThan(y).select(x, y)].map(two),
      one(x.sin(), wide(all, -1e6, 1e6)),
      one(x.exp().log(), wide(all, -80, 80)),
      one(x.pow(30), wide(all, -2, 2)),
      // As many elements as a device may count: the last of them must be reached.
      one(
        x.add(1),
        filled('float32', [2 ** 24], (i) => i % 1000),
      ),
    ],
    reduce: (['sum', 'max', 'min'] as const).map((kind) => [kind, withNaN, [1], empty(3, 1)]),
    argReduce: [
      ['max', normal(2, 4095), whole(2, 1)],
      ['max', withNaN, whole(3, 1)],
      ['min', withNaN, whole(3, 1)],
    ],
    sort: [[withNaN, true, empty(3, 1025), whole(3, 1025)]],
    matmul: [[normal(3, 5000), transposed(normal(300, 5000)), null, empty(3, 300)]],
    gatherRows: [[normal(3000, 64), index([20_000], 3000), empty(20_000, 64)]],
  };
}

/** The names of the kernels that do not give what the reference gives; empty where all is well. */
export function failingKernels(device: Device): string[] {
  return [...checks(device, makeCases())].filter(({ passed }) => !passed).map(({ kernel }) => kernel);
}

/**
 * Tries every kernel of a device against the reference, then takes some times. A page stays alive meanwhile.
 *
 * @param progress is told of every kernel and every timing as soon as it is done
 */
export async function selfTest(
  device: Device,
  progress: (done: KernelCheck | Timing) => void = () => {},
): Promise<SelfTest> {
  const collect = async <T extends KernelCheck | Timing>(steps: Iterable<T>): Promise<T[]> => {
    const done: T[] = [];
    for (const step of steps) {
      done.push(step);
      progress(step);
      await new Promise((resolve) => setTimeout(resolve));
    }
    return done;
  };
  const { name, description, renderer = null, limits = {} } = device;
  const hard = Object.entries(makeHardCases());
  const cases = makeCases();
  for (const [kernel, calls] of hard) cases[kernel as KernelName].push(...calls);
  const kernels = await collect(checks(device, cases));
  const passed = kernels.every((check) => check.passed);
  const about = { device: name, description, renderer, limits };
  return { ...about, passed, kernels, timings: await collect(timings(device)) };
}

function* checks(device: Device, cases: Readonly<Record<KernelName, unknown[][]>>): Generator<KernelCheck> {
  for (const [name, calls] of Object.entries(cases)) {
    const kernel = name as KernelName;
    const counts = device.counters !== undefined;
    let [error, onDevice, problem] = [0, 0, null as string | null];
    try {
      for (const args of calls) {
        const before = device.counters?.().launches ?? 0;
        error = Math.max(error, errorOf(device, kernel, args));
        if ((device.counters?.().launches ?? 0) > before) onDevice++;
      }
    } catch (thrown) {
      problem = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const passed = problem === null && error <= 1;
    yield { kernel, calls: calls.length, error, passed, onDevice: counts ? onDevice : null, problem };
  }
}

/** How far a device's results are from the reference's, as a share of what is allowed. */
function errorOf(device: Device, name: KernelName, args: readonly unknown[]): number {
  const uploads = new Map<HostView, View<Buffer>>();
  const uploaded = args.map((arg) =>
    mapViews<TypedArray, Buffer>(arg, (view) => {
      const own = uploads.get(view) ?? uploadView(device, view as HostView);
      uploads.set(view, own);
      return own;
    }),
  );
  try {
    (device.kernels[name] as (...args: unknown[]) => void)(...uploaded);
    (reference[name] as (...args: unknown[]) => void)(...args);
    const results = args.slice(-written[name]).flat() as HostView[];
    return Math.max(
      ...results.map((result) => {
        const { buffer, dtype } = uploads.get(result) as View<Buffer>;
        const found = device.readSync(buffer, dtype, result.buffer.length);
        let [off, scale] = [0, 1];
        result.buffer.forEach((expected, i) => {
          // NaN and infinities must be where they should be.
          const isSame = Object.is(found[i], expected);
          off = Math.max(off, isSame ? 0 : Math.abs(found[i] - expected) || Infinity);
          if (Number.isFinite(expected)) scale = Math.max(scale, Math.abs(expected));
        });
        return off / (BOUND * scale);
      }),
    );
  } finally {
    for (const { buffer } of uploads.values()) device.release(buffer);
  }
}

/** A view such as a tensor is: `buffer` and `dtype` are not its own properties, so copies made by `...` are without. */
function uploadView(device: Device, { buffer, dtype, ...place }: HostView): View<Buffer> {
  return Object.assign(Object.create({ buffer: device.upload(dtype, buffer), dtype }), place);
}
