// The GPU device: in one page of Chromium beside TensorFlow.js on WebGL, and in Node on headless-gl. Writes
// docs/results/gpu.json. Run it alone on a quiet machine; without a GPU everything is drawn in software.
//   npm ci --prefix bench/peers && npx tsc -p bench/tsconfig.json && xvfb-run -a node docs/experiments/gpu.mjs
// On a machine with a GPU: Chromium only, larger models too. Writes docs/results/gpu-hardware.json.
//   CHROMIUM_FLAGS='--enable-gpu --ignore-gpu-blocklist --use-angle=vulkan --enable-features=Vulkan' \
//     node docs/experiments/gpu.mjs --hardware
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figuresOf } from './peers.mjs';
import { writeResults } from './results.mjs';

const file = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const { hardware } = parseArgs({ options: { hardware: { type: 'boolean', default: false } } }).values;
const small = ['8,64,64,4,2', '8,128,128,4,4'];
const seeds = 'the same numbers in every run';

function inBrowser(sizes) {
  return figuresOf(process.execPath, [file('bench/gpu.mjs'), '--json', '--size', sizes.join(' ')]);
}

function step(size, ...device) {
  const args = ['--json', '--size', size, '--steps', '7', '--device', ...device];
  return figuresOf(process.execPath, [file('dist/bench/step.js'), ...args]).stepMs;
}

if (hardware) {
  writeResults('gpu-hardware', {
    what: 'Medians in milliseconds: in Chromium hopgrad and TensorFlow.js (WebGL) take turns in one page, results read back.',
    command: 'node docs/experiments/gpu.mjs --hardware',
    seeds,
    data: { browser: inBrowser([...small, '8,128,256,8,4', '8,256,512,8,8']) },
  });
} else {
  const browser = inBrowser(small);
  const products = figuresOf(process.execPath, [file('dist/bench/gpu.bench.js'), '--json']);
  const steps = small.map((size) => ({ size, gpuMs: step(size, 'gpu'), cpuMs: step(size, 'cpu') }));
  writeResults('gpu', {
    what: 'Medians in milliseconds. In Chromium hopgrad and TensorFlow.js (WebGL) take turns in one page, results read back; in Node the GPU device stands beside gpu.js by itself and beside the CPU device.',
    command: 'xvfb-run -a node docs/experiments/gpu.mjs',
    seeds,
    data: { browser, node: { products: products.rows, steps } },
  });
}
