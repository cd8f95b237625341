// The GPU device: in one page of Chromium beside TensorFlow.js on WebGL, and in Node on headless-gl. Writes
// docs/results/gpu.json. Run it alone on a quiet machine; without a GPU everything is drawn in software.
//   npm ci --prefix bench/peers && npx tsc -p bench/tsconfig.json && xvfb-run -a node docs/experiments/gpu.mjs
import { fileURLToPath } from 'node:url';
import { figuresOf } from './peers.mjs';
import { writeResults } from './results.mjs';

const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const sizes = ['8,64,64,4,2', '8,128,128,4,4'];

const browser = figuresOf(process.execPath, [file('bench/gpu.mjs'), '--json', '--size', sizes.join(' ')]);
const products = figuresOf(process.execPath, [file('dist/bench/gpu.bench.js'), '--json']);
const step = (device, size) =>
  figuresOf(process.execPath, [
    file('dist/bench/step.js'),
    '--json',
    '--device',
    device,
    '--size',
    size,
    '--steps',
    '7',
  ]);
const steps = sizes.map((size) => ({
  size,
  gpuMs: step('gpu', size).stepMs,
  cpuMs: step('cpu', size).stepMs,
}));

writeResults('gpu', {
  what: 'Medians in milliseconds. In Chromium hopgrad and TensorFlow.js (WebGL) take turns in one page, results read back; in Node the GPU device stands beside gpu.js by itself and beside the CPU device.',
  command: 'xvfb-run -a node docs/experiments/gpu.mjs',
  seeds: 'the same numbers in every run',
  data: { browser, node: { products: products.rows, steps } },
});
