// Where the time of a training step goes: the launches of every kernel, timed one by one, in the yardstick's step.
// Writes docs/results/profile.json.
//   npx tsc -p bench/tsconfig.json && node docs/experiments/profile.mjs [--wide] [--fast] [--threads 2]
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeYardstick, sizes } from '../../dist/bench/yardstick.js';
import { CpuMachine } from '../../dist/src/device/cpu-machine.js';
import { useDevice } from '../../dist/src/index.js';
import { writeResults } from './results.mjs';

const { values } = parseArgs({
  options: {
    wide: { type: 'boolean', default: false },
    fast: { type: 'boolean', default: false },
    threads: { type: 'string', default: '2' },
  },
});
const [wide, fast, threads] = [values.wide, values.fast, Number(values.threads)];
const { reason } = await useDevice('cpu', { threads, wide, fast });
const steps = { d32: 3000, d64: 600, d128: 60 };

/** What a kernel is for. An update has several results, and a program's name a + between them. */
function partOf(name) {
  if (name === 'multiply' || name.startsWith('thin')) return 'products of matrices';
  if (name === 'pack') return 'packing them';
  if (name.startsWith('attention')) return 'attention';
  if (name.startsWith('pointwise')) return name.includes('+') ? 'AdamW' : 'pointwise chains, copies';
  if (name.startsWith('layerNorm')) return 'layerNorm';
  if (name.startsWith('crossEntropy')) return 'crossEntropy';
  return 'sums, rows';
}

let spent = new Map();
let operations = 0;
const { launch } = CpuMachine.prototype;
CpuMachine.prototype.launch = function (kernel, parts, ...args) {
  const began = performance.now();
  launch.call(this, kernel, parts, ...args);
  const part = partOf(kernel.name);
  const { time, launches } = spent.get(part) ?? { time: 0, launches: 0 };
  spent.set(part, { time: time + performance.now() - began, launches: launches + 1 });
  if (kernel.name === 'multiply') operations += 2 * args[5] * args[6] * args[7];
};

const data = [];
for (const [name, count] of Object.entries(steps)) {
  const { step } = makeYardstick(sizes[name]);
  for (let i = 0; i < count / 2; i++) {
    step();
    if (i % 10 === 0) await nextTurn();
  }
  [spent, operations] = [new Map(), 0];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    step();
    total += performance.now() - began;
    if (i % 10 === 0) await nextTurn();
  }
  const parts = [...spent].map(([part, { time, launches }]) => ({
    part,
    stepMs: time / count,
    launches: launches / count,
  }));
  const kernels = parts.reduce((sum, { stepMs }) => sum + stepMs, 0);
  parts.push({ part: 'the engine: JavaScript', stepMs: total / count - kernels, launches: 0 });
  parts.sort((a, b) => b.stepMs - a.stepMs);
  const products = spent.get('products of matrices').time;
  data.push({ size: name, stepMs: total / count, gflops: operations / products / 1e6, parts });
}
for (const { size, stepMs, gflops, parts } of data) {
  console.log(`\n${size}: ${stepMs.toFixed(2)} ms, products at ${gflops.toFixed(0)} GFLOP/s`);
  console.table(
    parts.map(({ part, stepMs: ms, launches }) => ({
      part,
      ms: ms.toFixed(3),
      launches: launches.toFixed(0),
    })),
  );
}
writeResults('profile', {
  what: `Means over many training steps of the yardstick; ${reason}.`,
  command: [
    'npx tsc -p bench/tsconfig.json && node docs/experiments/profile.mjs',
    ...process.argv.slice(2),
  ].join(' '),
  seeds: [0],
  data,
});
