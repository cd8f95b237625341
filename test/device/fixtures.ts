/** Devices under test, random strided views, and one small training run. */
import fc from 'fast-check';
import type { Kernels, TypedArray, View } from '../../kernels/contract.ts';
import { contiguousStrides, sizeOf } from '../../kernels/strides.ts';
import { plainMode, simdDevice } from '../../src/device/cpu.ts';
import { CpuMachine } from '../../src/device/cpu-machine.ts';
import { type Buffer, type Device, type DType, typedArray } from '../../src/device/device.ts';
import { inScope } from '../../src/device/scope.ts';
import { fromTypedArray, noGrad, Random, type Tensor } from '../../src/index.ts';

/** A fresh machine: one thread over memory of its own, or several over memory that they share. */
export function cpuMachine(threads = 1): CpuMachine {
  return new CpuMachine({ ...plainMode, shared: threads > 1, threads });
}

/** Fresh devices, the reference left out. */
export const devices: Record<string, () => Promise<Device>> = {
  'cpu, one thread': async () => simdDevice(cpuMachine()),
  'cpu, three threads': async () => simdDevice(cpuMachine(3)),
};

/** A view's geometry and how long a buffer it needs. */
export interface Layout {
  shape: number[];
  strides: number[];
  offset: number;
  length: number;
}

/** Layouts of a shape: axes in any order in memory, with gaps, broadcast axes and an offset. */
export function layouts(shape: readonly number[]): fc.Arbitrary<Layout> {
  const rank = shape.length;
  return fc
    .record({
      order: fc.shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: rank, maxLength: rank },
      ),
      plain: fc.boolean(),
      steps: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: rank, maxLength: rank }),
      broadcast: fc.array(fc.boolean(), { minLength: rank, maxLength: rank }),
      offset: fc.integer({ min: 0, max: 5 }),
    })
    .map(({ order, plain, steps, broadcast, offset }) => {
      const strides = plain ? contiguousStrides(shape) : shape.map(() => 0);
      let length = plain ? sizeOf(shape) : 1;
      for (const axis of plain ? [] : order) {
        if (broadcast[axis]) continue;
        strides[axis] = length * steps[axis];
        length *= steps[axis] * shape[axis];
      }
      return { shape: [...shape], strides, offset, length: length + offset };
    });
}

/** Runs one kernel on a device over uploaded inputs and returns what it wrote. */
export function launch(
  device: Device,
  shape: readonly number[],
  dtype: DType,
  inputs: readonly { layout: Layout; data: TypedArray }[],
  call: (kernels: Kernels<Buffer>, inputs: View<Buffer>[], out: View<Buffer>) => void,
): TypedArray {
  const views = inputs.map(({ layout: { shape, strides, offset }, data }) => {
    const inputType: DType = data instanceof Float32Array ? 'float32' : 'int32';
    return { buffer: device.upload(inputType, data), dtype: inputType, shape, strides, offset };
  });
  const length = sizeOf(shape);
  // Never the zeros of fresh memory: a kernel must write every element.
  const buffer = device.upload(dtype, typedArray(dtype, length).fill(77));
  const out = { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
  call(device.kernels, views, out);
  const result = device.readSync(buffer, dtype, length);
  for (const { buffer } of [...views, out]) device.release(buffer);
  return result;
}

const [BATCH, TOKENS, WIDTH, HEADS, VOCABULARY] = [2, 6, 8, 2, 11];

/**
 * Trains one transformer layer (layer norm, causal attention, GELU feed-forward) by plain gradient descent on a fixed
 * batch; returns the loss of every step. Each step runs in a scope.
 */
export function trainingLosses(device: Device, steps: number, afterStep: () => void = () => {}): number[] {
  const random = new Random(7);
  const weight = (shape: number[], scale: number): Tensor => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    random.fillNormal(data);
    return fromTypedArray(
      data.map((x) => x * scale),
      shape,
      { device, requiresGrad: true },
    );
  };
  const embedding = weight([VOCABULARY, WIDTH], 1);
  const [query, key, value, output] = [1, 2, 3, 4].map(() => weight([WIDTH, WIDTH], 0.3));
  const [up, upBias, down] = [
    weight([WIDTH, 4 * WIDTH], 0.3),
    weight([4 * WIDTH], 0.1),
    weight([4 * WIDTH, WIDTH], 0.3),
  ];
  const [scale, shift, head] = [weight([WIDTH], 1), weight([WIDTH], 0.1), weight([WIDTH, VOCABULARY], 0.3)];
  const weights = [embedding, query, key, value, output, up, upBias, down, scale, shift, head];
  const numbers = Int32Array.from({ length: BATCH * TOKENS }, () => random.int(VOCABULARY));
  const ids = fromTypedArray(numbers, [BATCH, TOKENS], { device });
  const targets = fromTypedArray(numbers.toReversed(), [BATCH * TOKENS], { device });
  const heads = (x: Tensor): Tensor => x.reshape([BATCH, TOKENS, HEADS, WIDTH / HEADS]).permute([0, 2, 1, 3]);
  return Array.from({ length: steps }, () => {
    const loss = inScope(() => {
      for (const p of weights) p.grad = null;
      let x = embedding.embedding(ids);
      const normal = x.layerNorm(scale, shift);
      const [q, k, v] = [query, key, value].map((w) => heads(normal.matmul(w)));
      const attended = q.scaledDotProductAttention(k, v, { causal: true }).permute([0, 2, 1, 3]);
      x = x.add(attended.reshape([BATCH, TOKENS, WIDTH]).matmul(output));
      x = x.add(x.layerNorm(scale, shift).matmul(up).add(upBias).geluTanh().matmul(down));
      const loss = x
        .matmul(head)
        .reshape([BATCH * TOKENS, VOCABULARY])
        .crossEntropy(targets);
      loss.backward();
      noGrad(() => {
        for (const p of weights) p.assign(p.sub((p.grad as Tensor).mul(0.05)));
      });
      return loss.item();
    });
    afterStep();
    return loss;
  });
}
