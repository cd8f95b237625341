/**
 * A device's kernels against the reference, each on a few numbers: before an engine is trusted with something that it
 * calls experimental. Enough elements for the main loops and the ends of rows; the test suite tries far more.
 */
import type { DType, Kernels, TypedArray, View } from '../../kernels/contract.ts';
import { input, parameter } from '../../kernels/pointwise/expression.ts';
import { compile, compileTogether } from '../../kernels/pointwise/program.ts';
import { reference } from '../../kernels/reference.ts';
import { contiguousStrides, type HostView, sizeOf } from '../../kernels/strides.ts';
import { Random } from '../tensor/random.ts';
import { mapViews, written } from './borrowed.ts';
import { type Buffer, type Device, typedArray } from './device.ts';

const [ROWS, COLUMNS] = [37, 77];
/** Relative to the largest result: rounding, and the polynomials' error; joined vectors that went wrong are off by all. */
const BOUND = 1e-4;

const random = new Random(20231115);

function filled(dtype: DType, shape: readonly number[], value: (i: number) => number): HostView {
  const buffer: TypedArray = typedArray(dtype, sizeOf(shape));
  for (let i = 0; i < buffer.length; i++) buffer[i] = value(i);
  return { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
}

const normal = (...shape: number[]): HostView => filled('float32', shape, () => random.normal());
const empty = (...shape: number[]): HostView => filled('float32', shape, () => 77);
const index = (count: number, below: number): HostView => filled('int32', [count], () => random.int(below));
const whole = (...shape: number[]): HostView => filled('int32', shape, () => 77);
const all = [ROWS, COLUMNS] as const;

/** Arguments for every kernel. */
function makeCases(): Record<keyof Kernels<unknown>, unknown[][]> {
  const x = input(0);
  const everything = x
    .exp()
    .add(x.abs().add(1).log())
    .mul(x.tanh())
    .add(x.erf().mul(x.sin()))
    .sub(parameter(0));
  const mask = { causal: true, positions: null, batch: null };
  const heads = (): HostView => normal(2, 3, 33, 16);
  const headsOut = (): HostView => empty(2, 3, 33, 16);
  const reduced = ['sum', 'prod', 'max', 'min'] as const;
  return {
    pointwise: [[compile(everything, 1, 1), [normal(...all)], [0.5], empty(...all)]],
    update: [
      [
        compileTogether([x.mul(0.9).add(input(1)), x.sub(parameter(0))], 2, 1),
        [normal(...all), normal(...all)],
        [0.5],
        [empty(...all), empty(...all)],
      ],
    ],
    reduce: reduced.flatMap((kind) => [
      [kind, normal(...all), [0], empty(1, COLUMNS)],
      [kind, normal(...all), [1], empty(ROWS, 1)],
    ]),
    argReduce: [['max', normal(...all), whole(ROWS, 1)]],
    scan: [['sum', normal(...all), empty(...all)]],
    sort: [[normal(...all), true, empty(...all), whole(...all)]],
    matmul: [
      [normal(ROWS, 50), normal(50, COLUMNS), normal(COLUMNS), empty(...all)],
      [transposed(normal(50, ROWS)), transposed(normal(COLUMNS, 50)), null, empty(...all)],
    ],
    softmax: [false, true].map((log) => [normal(...all), log, empty(...all)]),
    softmaxBackward: [false, true].map((log) => [normal(...all), normal(...all), log, empty(...all)]),
    layerNorm: [[normal(...all), normal(COLUMNS), normal(COLUMNS), 1e-5, empty(...all)]],
    layerNormBackward: [
      [normal(...all), normal(...all), normal(COLUMNS), 1e-5, empty(...all), empty(COLUMNS), empty(COLUMNS)],
    ],
    crossEntropy: [[normal(...all), index(ROWS, COLUMNS), -100, empty()]],
    crossEntropyBackward: [[normal(), normal(...all), index(ROWS, COLUMNS), -100, empty(...all)]],
    attention: [[heads(), heads(), heads(), mask, 0.25, headsOut()]],
    attentionBackward: [
      [heads(), heads(), heads(), heads(), mask, 0.25, heads(), headsOut(), headsOut(), headsOut()],
    ],
    gatherRows: [[normal(...all), index(50, ROWS), empty(50, COLUMNS)]],
    scatterRows: [[normal(...all), index(20, ROWS), normal(20, COLUMNS), empty(...all)]],
    scatterAddRows: [[index(50, ROWS), normal(50, COLUMNS), empty(...all)]],
    gather: [[normal(...all), filled('int32', [ROWS, 9], () => random.int(COLUMNS)), empty(ROWS, 9)]],
    scatterAdd: [
      [normal(...all), filled('int32', [ROWS, 9], () => random.int(COLUMNS)), normal(ROWS, 9), empty(...all)],
    ],
    gumbel: [[1, 2, 0, empty(...all)]],
    copyInto: [[normal(...all), transposed(empty(COLUMNS, ROWS))]],
  };
}

function transposed(x: HostView): HostView {
  return { ...x, shape: x.shape.toReversed(), strides: x.strides.toReversed() };
}

/** The names of the kernels that do not give what the reference gives; empty where all is well. */
export function selfTest(device: Device): string[] {
  return Object.entries(makeCases()).flatMap(([name, cases]) =>
    cases.every((args) => agrees(device, name as keyof Kernels<unknown>, args)) ? [] : [name],
  );
}

function agrees(device: Device, name: keyof Kernels<unknown>, args: readonly unknown[]): boolean {
  const results = args.slice(-written[name]).flat() as HostView[];
  const uploads = new Map<HostView, View<Buffer>>();
  const uploaded = args.map((arg) =>
    mapViews<TypedArray, Buffer>(arg, (view) => {
      const own = { ...view, buffer: device.upload(view.dtype, view.buffer) };
      uploads.set(view as HostView, own);
      return own;
    }),
  );
  try {
    (device.kernels[name] as (...args: unknown[]) => void)(...uploaded);
    (reference[name] as (...args: unknown[]) => void)(...args);
    return results.every((result) => {
      const { buffer, dtype } = uploads.get(result) as View<Buffer>;
      const found = device.readSync(buffer, dtype, result.buffer.length);
      const expected = Array.from(result.buffer);
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      return expected.every((value, i) => Math.abs(found[i] - value) <= BOUND * scale);
    });
  } catch {
    return false;
  } finally {
    for (const { buffer } of uploads.values()) device.release(buffer);
  }
}
