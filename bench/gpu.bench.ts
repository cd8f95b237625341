// Products of matrices on the GPU in Node, in milliseconds, results read back: hopgrad, beside what gpu.js makes of the
// three loops by itself (on headless-gl, in its WebAssembly and in its JavaScript), and hopgrad's own CPU device.
//   xvfb-run -a npm run bench -- gpu
import { inScope } from '../src/device/scope.ts';
import { fromTypedArray, noGrad, Random, type Tensor, useDevice } from '../src/index.ts';
import { medians } from './medians.ts';
import { startSession } from './session.ts';

type Product = (a: number[][], b: number[][]) => { delete?(): void };

const { GPU } = (await import('gpu.js')) as unknown as {
  GPU: new (settings: {
    mode: string;
  }) => {
    createKernel(source: string, settings: object): Product;
  };
};

/** What one writes who begins with gpu.js. */
function loopsOf(mode: string, n: number): Product {
  return new GPU({ mode }).createKernel(
    `function (a, b) {
      let sum = 0;
      for (let k = 0; k < ${n}; k++) sum += a[this.thread.y][k] * b[k][this.thread.x];
      return sum;
    }`,
    { output: [n, n], precision: 'single', loopMaxIterations: n },
  );
}

const session = await startSession('gpu');
const rows = [];
for (const n of [256, 512, 1024]) {
  const numbers = [1, 2].map((seed) => {
    const data = new Float32Array(n * n);
    new Random(seed).fillNormal(data);
    return data;
  });
  const nested = numbers.map((data) =>
    Array.from({ length: n }, (_, row) => data.subarray(row * n, (row + 1) * n)),
  ) as unknown as [number[][], number[][]];
  const product = async (device: string): Promise<() => void> => {
    await useDevice(device, { fallback: 'error' });
    const [a, b] = numbers.map((data): Tensor => fromTypedArray(data, [n, n]));
    return () => inScope(() => noGrad(() => void a.matmul(b).toTypedArray()));
  };
  const byItself = (mode: string): (() => void) => {
    const kernel = loopsOf(mode, n);
    return () => kernel(...nested).delete?.();
  };
  const times = await medians(
    {
      'hopgrad gpu': await product('gpu'),
      'gpu.js headlessgl': byItself('headlessgl'),
      'gpu.js webasm': byItself('webasm'),
      'gpu.js cpu': byItself('cpu'),
      'hopgrad cpu': await product('cpu'),
    },
    { iterations: 5, time: 100, warmup: 50 },
  );
  for (const [who, milliseconds] of Object.entries(times)) {
    rows.push({ n, who, milliseconds, 'times hopgrad gpu': milliseconds / times['hopgrad gpu'] });
  }
}
session.report(rows);
