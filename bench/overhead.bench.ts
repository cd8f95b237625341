// What the engine costs beside the kernels: small graphs with the tape on, in nanoseconds per op, on the `cpu` device
// and on one whose kernels do nothing.
//   npm run bench -- overhead
import { Bench } from 'tinybench';
import { cpu } from '../src/device/cpu.ts';
import type { Device } from '../src/device/device.ts';
import { inScope } from '../src/device/scope.ts';
import { Random, randn, type Tensor, tensor } from '../src/index.ts';
import { type Row, startSession } from './session.ts';

/** Small enough that hardly any time is spent on the numbers. */
const SIZE = 8;

interface Graph {
  readonly name: string;
  /** How many ops run, views counted like any other: those that it calls, and those that its rules call or are. */
  readonly ops: { readonly forward: number; readonly backward: number };
  readonly run: (on: Operands) => Tensor;
}

interface Operands {
  /** (8, 8) */
  readonly x: Tensor;
  readonly weight: Tensor;
  /** (8) */
  readonly gain: Tensor;
  readonly bias: Tensor;
  /** (8) int32 */
  readonly targets: Tensor;
}

const graphs: readonly Graph[] = [
  {
    name: 'chain of 8 adds and muls',
    ops: { forward: 8, backward: 11 }, // 7 products, 4 sums where gradients meet
    run: ({ x, weight }) => x.mul(2).add(weight).mul(x).add(1).mul(weight).sub(x).mul(0.5).add(weight),
  },
  {
    name: 'matmul, bias, gelu',
    ops: { forward: 3, backward: 7 }, // gelu; bias: sum, reshape; two products with a transpose each
    run: ({ x, weight, bias }) => x.matmul(weight).add(bias).geluTanh(),
  },
  {
    name: 'layerNorm',
    ops: { forward: 1, backward: 1 },
    run: ({ x, gain, bias }) => x.layerNorm(gain, bias),
  },
  { name: 'softmax', ops: { forward: 1, backward: 1 }, run: ({ x }) => x.softmax() },
  {
    name: 'reshape and transpose, twice',
    ops: { forward: 4, backward: 4 },
    run: ({ x }) => x.reshape([2, 4, 8]).transpose(0, 1).transpose(0, 1).reshape([8, 8]),
  },
  {
    name: 'two-layer network, norm, loss',
    ops: { forward: 10, backward: 21 },
    run: ({ x, weight, gain, bias, targets }) =>
      x
        .layerNorm(gain, bias)
        .matmul(weight.transpose())
        .add(bias)
        .geluTanh()
        .matmul(weight.transpose())
        .add(bias)
        .add(x)
        .crossEntropy(targets),
  },
];

/** The same memory; kernels that write nothing. */
const idle: Device = {
  ...cpu,
  kernels: Object.fromEntries(Object.keys(cpu.kernels).map((name) => [name, () => {}])) as never,
};

function operandsOn(device: Device): Operands {
  const drawn = (seed: number, ...shape: number[]): Tensor =>
    randn(shape, new Random(seed), { device, requiresGrad: true });
  return {
    x: drawn(1, SIZE, SIZE),
    weight: drawn(2, SIZE, SIZE),
    gain: drawn(3, SIZE),
    bias: drawn(4, SIZE),
    targets: tensor([0, 1, 2, 3, 4, 5, 6, 7], { dtype: 'int32', device }),
  };
}

const forwardOnly = ({ run }: Graph, on: Operands): void => {
  inScope(() => run(on).storage.settle());
};

const both = ({ run }: Graph, on: Operands, seeds: ReadonlyMap<number, Tensor>): void => {
  inScope(() => {
    const y = run(on);
    y.storage.settle();
    y.backward(seeds.get(y.size));
    for (const leaf of [on.x, on.weight, on.gain, on.bias]) {
      leaf.grad?.storage.settle();
      leaf.grad = null;
    }
  });
};

async function nanoseconds(body: () => void): Promise<number> {
  const bench = new Bench({ time: 300, warmupTime: 1000 }).add('graph', () => {
    // Many at a time: the clock is coarse.
    for (let i = 0; i < 100; i++) body();
  });
  await bench.run();
  const { result } = bench.tasks[0];
  if (!result || !('latency' in result)) throw new Error('the benchmark did not run');
  return result.latency.p50 * 1e4;
}

const session = await startSession('overhead');
const rows: Row[] = [];
for (const [kernels, device] of [
  ['that do nothing', idle],
  ['of cpu', cpu],
] as const) {
  const operands = operandsOn(device);
  const seeds = new Map([1, SIZE * SIZE].map((size) => [size, seedOf(size, device)]));
  for (const graph of graphs) {
    const forward = await nanoseconds(() => forwardOnly(graph, operands));
    const all = await nanoseconds(() => both(graph, operands, seeds));
    rows.push({
      kernels,
      graph: graph.name,
      forwardNsPerOp: forward / graph.ops.forward,
      withBackwardNsPerOp: all / (graph.ops.forward + graph.ops.backward),
      withBackwardMicroseconds: all / 1000,
    });
  }
}
session.report(rows);

function seedOf(size: number, device: Device): Tensor {
  return randn(size === 1 ? [] : [SIZE, SIZE], new Random(5), { device });
}
