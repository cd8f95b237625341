// Matrix products in float32: each device, and gpu.js's own CPU modes as peers, in one run.
//   npm run bench -- matmul
import { GPU } from 'gpu.js';
import { Bench } from 'tinybench';
import { Random, randn, useDevice } from '../src/index.ts';

const sizes = [64, 256, 512];
const rows: Record<string, Record<string, string>> = {};

function note(who: string, size: number, milliseconds: number): void {
  rows[who] ??= {};
  rows[who][`${size}³`] = `${((2 * size ** 3) / milliseconds / 1e6).toFixed(1)} GFLOP/s`;
}

for (const size of sizes) {
  for (const device of ['cpu', 'wasm']) {
    await useDevice(device, { fallback: 'error' });
    const [a, b] = [1, 2].map((seed) => randn([size, size], new Random(seed)));
    const bench = new Bench({ time: 300, warmupTime: 100 }).add(device, () => a.matmul(b).storage.settle());
    await bench.run();
    note(`hopgrad ${device}`, size, median(bench));
  }
  for (const mode of ['cpu', 'webasm'] as const) {
    const gpu = new GPU({ mode: mode as 'cpu' });
    const kernel = gpu
      .createKernel(
        `function (a, b) {
          let sum = 0;
          for (let k = 0; k < this.constants.n; k++) sum += a[this.thread.y][k] * b[k][this.thread.x];
          return sum;
        }` as never,
        { constants: { n: size }, output: [size, size] },
      )
      .setLoopMaxIterations(size);
    const [a, b] = [1, 2].map((seed) => randn([size, size], new Random(seed)).toArray() as number[][]);
    const bench = new Bench({ time: 300, warmupTime: 100 }).add(mode, () => {
      kernel(a, b);
    });
    await bench.run();
    note(`gpu.js ${mode}`, size, median(bench));
    gpu.destroy();
  }
}
console.table(rows);

function median(bench: Bench): number {
  const { result } = bench.tasks[0];
  if (!result || !('latency' in result)) throw new Error('the benchmark did not run');
  return result.latency.p50;
}
