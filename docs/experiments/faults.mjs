// What trainings and readers make of kill -9, full and read-only disks, rivals, jumping clocks, damaged files, mistyped
// commands, and a long time. Runs test/faults with everything turned up, and writes docs/results/faults.json.
//   npm run -s build && node docs/experiments/faults.mjs [--only kills|faults|fuzz|endurance] [--cases 10000]
// Takes a quarter of an hour; --only prints its part and leaves the results as they are.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeResults } from './results.mjs';
import { failuresOf, runTests } from './run-tests.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, cases: { type: 'string', default: '10000' } },
});
const scale = {
  HOPGRAD_SEED: '0',
  HOPGRAD_CASES: values.cases, // of each kind of fuzzed input
  HOPGRAD_KILLS: '30', // on each device
  HOPGRAD_KILLED_CALLS: '1000', // all there are
  HOPGRAD_FAULTS: '10',
  HOPGRAD_STEPS: '5000',
};
const parts = ['faults', 'fuzz', 'kills', 'endurance'].filter((part) => (values.only ?? part) === part);
if (parts.length === 0) throw new Error(`--only ${values.only}: choose kills, faults, fuzz or endurance`);

/** Runs one test file and returns the figures of its tests, and what failed. */
async function run(part) {
  // Fuzzing writes small files by the ten thousand; in memory, where there is such a folder.
  const place = part === 'fuzz' && existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {};
  const testResults = await runTests([`test/faults/${part}.test.ts`], { ...scale, ...place });
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return { figures: tests.flatMap(({ meta }) => meta.figures ?? []), failed: failuresOf(testResults) };
}

const found = {};
for (const part of parts) found[part] = await run(part);

const failed = Object.values(found).flatMap((part) => part.failed);
const data = { failed };
if (found.kills) {
  const { calls, ...devices } = Object.assign({}, ...found.kills.figures);
  const killed = Object.values(devices);
  const sum = (name) => killed.reduce((total, figures) => total + figures[name], 0);
  data.kills = sum('kills') + (calls?.kills ?? 0);
  // One that ends with other bits fails its test.
  data.resumedIdentically = found.kills.failed.length === 0 ? data.kills : null;
  data.stepsLost = {
    max: Math.max(...killed.map(({ mostStepsLost }) => mostStepsLost)),
    checkpointEvery: killed[0]?.checkpointEvery,
  };
  data.killed = { ...devices, atEachFileCall: calls };
}
if (found.fuzz) {
  data.fuzz = Object.assign({}, ...found.fuzz.figures);
  data.fuzzCases = Object.values(data.fuzz).reduce((total, { cases }) => total + cases, 0);
  // A crash (an unfriendly error, a hang, too much memory) fails its test.
  data.crashes = found.fuzz.failed.length;
}
if (found.faults) data.faults = found.faults.figures;
if (found.endurance) data.endurance = Object.assign({}, ...found.endurance.figures);

console.log(JSON.stringify(data, null, 2));
if (failed.length > 0) process.exitCode = 1;
if (!values.only) {
  writeResults('faults', {
    what: 'Trainings killed at random moments and at every call that changes a file, on disks that are full or read-only, beside rivals, under jumping clocks; fuzzed files, commands and texts; memory and time of 5,000 steps.',
    command: `node docs/experiments/faults.mjs${values.cases === '10000' ? '' : ` --cases ${values.cases}`}`,
    seeds: [0],
    data,
  });
}
