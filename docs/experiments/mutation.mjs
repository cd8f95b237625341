// Mutation testing with Stryker: small mistakes are put into src, one at a time, and some test has to fail.
// Folder by folder; what has not changed since the last run (kept under runs/mutation) is not run again.
// Writes docs/results/mutation.json.
//   npm run test:mutation                         every folder (an hour or so on two cores)
//   npm run test:mutation -- routing              some of them; the figures of the others are kept
//   npm run test:mutation -- ops --survivors      after tests were added: only the mutants that lived are tried again
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonFor } from '../../test/mutation/survivors.mjs';
import { writeResults } from './results.mjs';

/** What is mutated; the tests that are asked first, because they find most in little time; and the others. */
const folders = {
  routing: {
    mutate: ['src/routing/**/*.ts'],
    cheap:
      'routing/active-rows,routing/binary-router,routing/density-loss,routing/estimators,routing/random-router,routing/table,model/devices,goldens/skip-layer',
    others: 'routing/sampling,model/',
  },
  loss: {
    mutate: ['kernels/cross-entropy/reference.ts', 'src/evaluate/evaluate.ts'],
    cheap: 'goldens/ops,goldens/kinks,ops/losses,kernels/softmax,evaluate/',
    others: 'properties/devices,properties/fused-ops,properties/gradients,properties/numerics',
  },
  autograd: {
    mutate: ['src/autograd/**/*.ts'],
    cheap: 'autograd/',
    others:
      'errors/,ops/,goldens/ops,properties/gradients,properties/lifetime,properties/negative-controls,device/lifetime',
  },
  ops: {
    mutate: ['src/ops/**/*.ts'],
    cheap: 'goldens/ops,goldens/kinks,ops/,errors/',
    others:
      'properties/reach,properties/gradients,properties/layouts,properties/devices,properties/fused-ops,properties/fusion,properties/linearity,autograd/recording',
  },
};

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const survivorsOnly = process.argv.includes('--survivors');
const asked = process.argv.slice(2).filter((argument) => argument !== '--survivors');
const unknown = asked.find((name) => !Object.hasOwn(folders, name));
if (unknown !== undefined) {
  console.error(`mutation: there is no folder ${unknown}; choose ${Object.keys(folders).join(', ')}`);
  process.exit(1);
}
const work = 'runs/mutation';
mkdirSync(work, { recursive: true });

/** A hash of all that could change a verdict but is not what Stryker compares itself. */
function fingerprint({ mutate, cheap, others }) {
  const hash = createHash('sha256').update(JSON.stringify([mutate, cheap, others]));
  const files = ['test', 'src', 'kernels'].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => join(top, name)),
  );
  const own = (file) =>
    mutate.some((pattern) => file === pattern || file.startsWith(pattern.replace('**/*.ts', '')));
  for (const file of files.filter((name) => /\.(ts|json)$/.test(name) && !own(name)).sort()) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Where mutants lived, as Stryker names lines; files that have changed since, whole. */
function linesOfSurvivors(report) {
  const { files } = JSON.parse(readFileSync(report, 'utf8'));
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    if (readFileSync(file, 'utf8') !== source) return [file];
    return mutants
      .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
      .map(({ location: { start, end } }) => `${file}:${start.line}-${end.line}`);
  });
}

function mutateFolder(name) {
  const folder = folders[name];
  const file = (suffix) => join(work, `${name}${suffix}`);
  const before = existsSync(file('.fingerprint')) ? readFileSync(file('.fingerprint'), 'utf8') : '';
  const now = fingerprint(folder);
  const again = survivorsOnly ? linesOfSurvivors(file('.incremental.json')) : null;
  if (again?.length === 0) return;
  if (before !== now && !again) rmSync(file('.incremental.json'), { force: true });
  const configuration = {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner', './test/mutation/documentation.mjs'],
    ignorers: ['documentation'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    // A name that does not exist: Stryker would rewrite the real one with a compiler it does not find in TypeScript 7.
    tsconfigFile: 'no-tsconfig.json',
    mutate: again ?? folder.mutate,
    force: again !== null,
    coverageAnalysis: 'perTest',
    incremental: true,
    incrementalFile: file('.incremental.json'),
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName: file('.report.json') },
    concurrency: availableParallelism(),
    timeoutMS: 10_000,
    tempDirName: join(work, 'sandbox'),
    ignorePatterns: ['runs', 'bench', 'dist', 'coverage'],
  };
  writeFileSync(file('.config.json'), JSON.stringify(configuration));
  const { status } = spawnSync('npx', ['--no-install', 'stryker', 'run', file('.config.json')], {
    stdio: 'inherit',
    env: { ...process.env, HOPGRAD_MUTATION_CHEAP: folder.cheap, HOPGRAD_MUTATION_OTHERS: folder.others },
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(file('.fingerprint'), now);
}

/** The verdicts on one folder, from Stryker's report. */
function verdicts(name) {
  const { files } = JSON.parse(readFileSync(join(work, `${name}.report.json`), 'utf8'));
  const mutants = Object.entries(files).flatMap(([file, { source, mutants: own }]) =>
    own.map((mutant) => ({ file, source, ...mutant })),
  );
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const [killed, timeout] = [count('Killed'), count('Timeout')];
  const [survived, noCoverage] = [count('Survived'), count('NoCoverage')];
  const detected = killed + timeout;
  const counted = detected + survived + noCoverage;
  return {
    row: {
      folder: name,
      mutants: counted,
      killed,
      timeout,
      survived,
      noCoverage,
      score: share(detected, counted),
    },
    survivors: mutants
      .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
      .map(({ file, source, location, mutatorName, replacement }) => {
        const survivor = {
          place: `${file}:${location.start.line}`,
          mutator: mutatorName,
          original: textAt(source, location),
          replacement: oneLine(replacement ?? ''),
          line: source.split('\n')[location.start.line - 1].trim(),
        };
        return { ...survivor, reason: reasonFor(survivor) };
      }),
  };
}

/** In percent, to two decimals. */
function share(part, whole) {
  return Math.round((10_000 * part) / whole) / 100;
}

function textAt(source, { start, end }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines[lines.length - 1].slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return oneLine(lines.join(' '));
}

function oneLine(text) {
  const short = text.replace(/\s+/g, ' ').trim();
  return short.length > 100 ? `${short.slice(0, 97)}...` : short;
}

for (const name of asked.length > 0 ? asked : Object.keys(folders)) mutateFolder(name);

const done = Object.keys(folders).filter((name) => existsSync(join(work, `${name}.report.json`)));
const all = done.map(verdicts);
const rows = all.map(({ row }) => row);
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
const survivors = all.flatMap((one) => one.survivors);
const unexplained = survivors.filter(({ reason }) => reason === null);
const score = share(sum('killed') + sum('timeout'), sum('mutants'));
console.table(rows);
console.log(
  `score ${score} %; ${survivors.length} survivors, ${unexplained.length} of them without a reason`,
);
for (const { place, original, replacement } of unexplained)
  console.log(`  ${place}: ${original} → ${replacement}`);
if (done.length < Object.keys(folders).length) {
  console.log('not all folders have been run: nothing is written');
} else {
  writeResults('mutation', {
    what: 'Mutants (small deliberate mistakes) that the tests find, by folder; documentation strings are not mutated.',
    command: 'npm run test:mutation',
    seeds: 'none fixed: properties draw new cases for every mutant',
    data: { score, mutants: sum('mutants'), folders: rows, survivors },
  });
}
