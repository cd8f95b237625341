// Does the learned gate beat a random one of the same density, steps and size? And a dense model of the same effective
// depth? Three seeds each, by a recipe small enough for nine runs. Writes docs/results/learned-vs-random.json.
//   npm run -s build && node docs/experiments/learned-vs-random.mjs [train options, such as --steps 100]
// Runs as many trainings side by side as there are cores; every finished one is kept, so stopping loses little.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { writeResults } from './results.mjs';

const run = promisify(execFile);
const options = process.argv.slice(2);
const seeds = [0, 1, 2];
/** Trainings run side by side, on a thread each. */
const recipe = '--layers 6 --dim 64 --context 64 --batch 8 --steps 1500 --lr 8e-3 --threads 1'.split(' ');
const models = [
  { name: 'learned gate', flags: [] },
  { name: 'random gate', flags: ['--router', 'random'] },
  { name: 'dense, half the layers', flags: ['--router', 'none', '--layers', '3'] },
];
const main = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
const work = new URL('../../runs/learned-vs-random/', import.meta.url);
mkdirSync(work, { recursive: true });

async function cell({ name, flags }, seed) {
  const folder = new URL(`${name.replaceAll(/\W+/g, '-')}-${seed}/`, work).pathname;
  const done = `${folder.slice(0, -1)}.json`;
  if (!existsSync(done)) {
    rmSync(folder, { recursive: true, force: true });
    const args = [
      main,
      'train',
      '--json',
      '--seed',
      String(seed),
      '--out',
      folder,
      ...recipe,
      ...flags,
      ...options,
    ];
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 26 });
    writeFileSync(done, stdout.trim().split('\n').at(-1));
  }
  const { runDir, warnings, ...figures } = JSON.parse(readFileSync(done, 'utf8'));
  console.error(
    `${name}, seed ${seed}: ${figures.valLoss.toFixed(4)} nats, density ${figures.densityArgmax.toFixed(3)}`,
  );
  return { model: name, seed, ...figures };
}

const queue = models.flatMap((model) => seeds.map((seed) => [model, seed]));
const data = [];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) data.push(await cell(...next));
  }),
);
data.sort((a, b) => a.model.localeCompare(b.model) || a.seed - b.seed);

const summary = models.map(({ name }) => {
  const losses = data.filter((row) => row.model === name).map((row) => row.valLoss);
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const deviation = Math.sqrt(
    losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / (losses.length - 1),
  );
  return { model: name, meanValLoss: mean, standardDeviation: deviation };
});
console.table(summary);
writeResults('learned-vs-random', {
  what: 'Held-out loss (nats per character, Moby Dick) of a learned gate, a random gate of the same density and steps, and a dense model of the same effective depth; trainings side by side, so tokensPerSecond is not a measure of speed.',
  command: ['node docs/experiments/learned-vs-random.mjs', ...options].join(' '),
  seeds,
  data: { runs: data, summary },
});
