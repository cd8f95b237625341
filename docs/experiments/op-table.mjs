// What the table of ops says of each op: how far its gradients are from finite differences, and its values and gradients
// on every device from float64 on the reference; which kernels it launches; and how far each kernel is on cpu and gpu.
// Writes docs/results/op-table.json.
//   xvfb-run -a node docs/experiments/op-table.mjs       without a display, or a GPU, there are no figures of the gpu
// The figures of ops are what tests of test/properties measure; a failure is printed, and nothing is written then.
import { basename } from 'node:path';
import { currentDevice, selfTest, useDevice } from '../../dist/src/index.js';
import { ops } from '../pages/op-files.mjs';
import { writeResults } from './results.mjs';
import { failuresOf, runTests } from './run-tests.mjs';

const CASES = 100;
const SEED = 20231115;

const files = ['gradients', 'devices', 'devices-gpu', 'launches'].map(
  (name) => `test/properties/${name}.test.ts`,
);
const testResults = await runTests(files, { HOPGRAD_CASES: String(CASES), HOPGRAD_SEED: String(SEED) });
const failures = failuresOf(testResults);
if (failures.length > 0) {
  console.error(`op-table: ${failures.length} failed, nothing is written:\n${failures.join('\n')}`);
  process.exit(1);
}

/** What the tests with this title in its group have measured, by op. */
const measured = new Map(ops.map(({ name }) => [name, {}]));
for (const { name: file, assertionResults } of testResults) {
  for (const { ancestorTitles, title, status, meta } of assertionResults) {
    const figures = measured.get(title);
    if (!figures || status !== 'passed') continue;
    const { cases, largest, seen } = meta;
    const group = groupOf(basename(file, '.test.ts'), ancestorTitles.join(' '));
    if (group === 'launches') figures.launches = seen;
    else if (group && largest) figures[group] = { ...rounded(largest), cases };
  }
}

function groupOf(file, title) {
  if (file === 'launches') return 'launches';
  if (file === 'devices-gpu') return 'gpu';
  if (file === 'devices')
    return title.startsWith('on cpu') ? 'cpu' : title.includes('on the reference') ? 'reference' : null;
  return title.startsWith('gradients and gradients of gradients') ? 'gradient' : null;
}

function rounded(numbers) {
  return Object.fromEntries(
    Object.entries(numbers).map(([key, value]) => [key, Number(value.toPrecision(2))]),
  );
}

const kernels = {};
const devices = {};
for (const name of ['cpu', 'gpu']) {
  const { reason } = await useDevice(name);
  const device = currentDevice();
  if (device.name !== name) {
    console.error(`op-table: no figures of ${name}: ${reason}`);
    continue;
  }
  devices[name] = device.description;
  for (const { kernel, calls, error, onDevice } of (await selfTest(device)).kernels) {
    kernels[kernel] ??= {};
    kernels[kernel][name] = { calls, onDevice, ofBound: Number(error.toPrecision(2)) };
  }
}

writeResults('op-table', {
  what: 'By op, the largest error found in random calls: "order 1" and "order 2" of gradients and their gradients against finite differences in float64 (bound 1e-6), "value" and "gradient" in float32 on a device against float64 on the reference (bound 1e-5), all relative to the largest number compared, or 1. By kernel, its self-test: calls, how many of them the device itself computed, and the largest error as a share of 1e-5.',
  command: 'xvfb-run -a node docs/experiments/op-table.mjs',
  seeds: `${SEED}; on the gpu every twentieth case`,
  data: { cases: CASES, devices, ops: Object.fromEntries(measured), kernels },
});
process.exit(0);
