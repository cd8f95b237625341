/** Kernels and a training step on the GPU of a page, hopgrad beside TensorFlow.js: gpu.mjs opens the page and asks. */
import { inScope } from '../src/device/scope.ts';
import { currentDevice, noGrad, Random, randn, type Tensor, useDevice } from '../src/index.ts';
// @ts-expect-error: a peer, in JavaScript
import { makeStep } from './peers/tfjs_model.mjs';
import { makeYardstick } from './yardstick.ts';

/** What is used here of TensorFlow.js. */
interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tidy<T>(body: () => T): T;
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
}

interface TfTensor {
  data(): Promise<Float32Array>;
  dispose(): void;
  matMul(other: TfTensor): TfTensor;
  softmax(): TfTensor;
  mean(axis: number, keepDims: boolean): TfTensor;
  sub(other: TfTensor): TfTensor;
  mul(other: TfTensor): TfTensor;
  div(other: TfTensor): TfTensor;
  add(other: TfTensor | number): TfTensor;
  square(): TfTensor;
  sqrt(): TfTensor;
  tanh(): TfTensor;
}

export interface Row {
  what: string;
  hopgradMs: number;
  tfjsMs: number;
  /** Of a training step of hopgrad. */
  launches?: number;
  uploads?: number;
  readbacks?: number;
}

const pointwiseShape = [1024, 1024] as const;

interface Pointwise<T> {
  mul(other: T): T;
  add(other: T | number): T;
  tanh(): T;
  square(): T;
}

/** Twenty pointwise steps that stay finite. */
function twentySteps<T extends Pointwise<T>>(x: T, y: T): T {
  let z = x;
  for (let i = 0; i < 4; i++) z = z.mul(y).add(0.5).tanh().square().add(x);
  return z;
}

function figures(tf: Tf): { what: string; ours: () => unknown; theirs: () => unknown }[] {
  const draw = (seed: number, ...shape: number[]): [Tensor, TfTensor] => {
    const x = randn(shape, new Random(seed));
    return [x, tf.tensor(x.toTypedArray() as Float32Array, shape)];
  };
  // Both are asked for the whole result, which has then been computed; TensorFlow.js is faster where it may wait.
  const row = (what: string, ours: () => Tensor, theirs: () => TfTensor) => ({
    what,
    ours: () => inScope(() => noGrad(() => ours().toTypedArray())),
    theirs: async () => {
      const result = tf.tidy(theirs);
      await result.data();
      result.dispose();
    },
  });
  const products = [256, 512, 1024].map((n) => {
    const [[a, tfA], [b, tfB]] = [draw(1, n, n), draw(2, n, n)];
    return row(
      `matmul ${n}`,
      () => a.matmul(b),
      () => tfA.matMul(tfB),
    );
  });
  const [[x, tfX], [y, tfY]] = [draw(3, ...pointwiseShape), draw(4, ...pointwiseShape)];
  const [[weight, tfWeight], [bias, tfBias]] = [draw(5, pointwiseShape[1]), draw(6, pointwiseShape[1])];
  return [
    ...products,
    row(
      'softmax 1024 × 1024',
      () => x.softmax(),
      () => tfX.softmax(),
    ),
    row(
      'layerNorm 1024 × 1024',
      () => x.layerNorm(weight, bias),
      () => {
        const centred = tfX.sub(tfX.mean(-1, true));
        return centred.div(centred.square().mean(-1, true).add(1e-5).sqrt()).mul(tfWeight).add(tfBias);
      },
    ),
    row(
      '20 pointwise steps, 2²⁰ elements',
      () => twentySteps(x, y),
      () => twentySteps(tfX, tfY),
    ),
  ];
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Times two in turns, after two runs of each that compile. */
async function compare(
  what: string,
  ours: () => unknown,
  theirs: () => unknown,
  rounds: number,
): Promise<Row> {
  const times: [number[], number[]] = [[], []];
  for (let round = -2; round < rounds; round++) {
    for (const [who, run] of [ours, theirs].entries()) {
      const began = performance.now();
      await run();
      if (round >= 0) times[who].push(performance.now() - began);
    }
  }
  return { what, hopgradMs: median(times[0]), tfjsMs: median(times[1]) };
}

export async function measure(tf: Tf, sizes: readonly string[], rounds: number): Promise<object> {
  const { reason } = await useDevice('gpu', { fallback: 'error' });
  await tf.setBackend('webgl');
  await tf.ready();
  const rows: Row[] = [];
  for (const { what, ours, theirs } of figures(tf)) rows.push(await compare(what, ours, theirs, rounds));
  for (const size of sizes) {
    const [batch, sequence, dim, heads, layers] = size.split(',').map(Number);
    const { step } = makeYardstick(size);
    const theirs = makeStep(tf, { batch, sequence, dim, heads, layers, vocabulary: 256 });
    const row = await compare(`training step ${size}`, step, theirs, rounds);
    const before = currentDevice().counters?.();
    step();
    const after = currentDevice().counters?.();
    const { launches, uploads, readbacks } = after as NonNullable<typeof after>;
    rows.push({
      ...row,
      launches: launches - (before?.launches ?? 0),
      uploads: uploads - (before?.uploads ?? 0),
      readbacks: readbacks - (before?.readbacks ?? 0),
    });
  }
  return { device: reason, rows };
}
