// The deep run of the properties in test/properties: every property of every op on 1,000 random cases (or as many as
// asked for). Writes docs/results/gradients.json.
//   npm run test:deep              or, for another number of cases:   npm run test:deep -- 5000
// A failure prints its seed and the shrunk counterexample; nothing is written then.
import { basename } from 'node:path';
import * as functions from '../../dist/src/ops/functions.js';
import * as methods from '../../dist/src/ops/index.js';
import { writeResults } from './results.mjs';
import { failuresOf, runTests } from './run-tests.mjs';

const cases = Number(process.argv[2] ?? 1000);
if (!Number.isSafeInteger(cases) || cases < 1) {
  console.error(`gradients: ${process.argv[2]} is no number of cases; give a whole number from 1 up`);
  process.exit(1);
}
const began = performance.now();
const testResults = await runTests(['test/properties'], { HOPGRAD_CASES: String(cases) });
const failures = failuresOf(testResults);
if (failures.length > 0) {
  console.error(`gradients: ${failures.length} failed, nothing is written:\n${failures.join('\n')}`);
  process.exit(1);
}
const ops = Object.values({ ...methods, ...functions }).map(({ record }) => record);
const names = new Set(ops.map(({ name }) => name));

/** Tests that tried a property on random cases, grouped by what they state. */
const groups = new Map();
for (const { name: file, assertionResults } of testResults) {
  for (const { ancestorTitles, title, duration, meta } of assertionResults) {
    if (!meta?.cases) continue;
    const perOp = names.has(title);
    const property = perOp ? ancestorTitles.join(' ') : [...ancestorTitles, title].join(' ');
    const key = `${basename(file)} ${property}`;
    const group = groups.get(key) ?? {
      property,
      file: basename(file),
      ops: 0,
      cases: 0,
      fewest: Infinity,
      seconds: 0,
    };
    group.ops += perOp ? 1 : 0;
    group.cases += meta.cases;
    group.fewest = Math.min(group.fewest, meta.cases);
    group.seconds += duration / 1000;
    groups.set(key, group);
  }
}
const properties = [...groups.values()].map((group) => ({ ...group, seconds: Math.round(group.seconds) }));
writeResults('gradients', {
  what: 'Properties of gradients, values and memory, each tried on random cases of every op (or of random graphs of ops), in float64 unless it says otherwise; all held.',
  command: ['npm run test:deep', ...(cases === 1000 ? [] : ['--', cases])].join(' '),
  seeds: 'new ones in every run; a failure prints its own',
  data: {
    ops: ops.length,
    differentiable: ops.filter(({ differentiable }) => differentiable === true).length,
    casesPerOp: Math.min(...properties.map(({ fewest }) => fewest)),
    totalCases: properties.reduce((sum, group) => sum + group.cases, 0),
    seconds: Math.round((performance.now() - began) / 1000),
    properties: properties.map(({ fewest, ...group }) => group),
  },
});
