// How fast hopgrad is: the training step of bench/yardstick.ts beside the peers of bench/peers, in turn and in one sitting,
// and every benchmark of bench/. Writes docs/results/performance.json.
//   npm run bench:results -- [--node PATH]… [--rounds 5] [--threads 2] [--size d128]… [--bench gemm]… [--out NAME]
// --node: other Node binaries to run on beside the one that runs this. For the peers: npm ci --ignore-scripts in
// bench/peers, and the Debian packages python3-torch and libopenblas0-openmp; what is missing is left out, with a note.
// Run it alone on a quiet machine.
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sizes } from '../../dist/bench/yardstick.js';
import { figuresOf, javaScriptPeers, torchPeer } from './peers.mjs';
import { writeResults } from './results.mjs';

const benches = ['gemm', 'pointwise', 'decoding', 'skipping', 'overhead', 'memory'];
const { values } = parseArgs({
  options: {
    node: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    size: { type: 'string', multiple: true, default: Object.keys(sizes) },
    bench: { type: 'string', multiple: true, default: benches },
    out: { type: 'string', default: 'performance' },
  },
});
const rounds = Number(values.rounds);
const notes = [];
const bench = (name) => fileURLToPath(new URL(`../../dist/bench/${name}.js`, import.meta.url));
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

/** What PyTorch needs for a steady median, in steps. */
const torchSteps = { d32: 1000, d64: 300, d128: 40, d256: 20 };
/** Where the JavaScript peers are run. */
const peerSize = 'd128';

/** A figure, or a note on why there is none. */
function attempt(what, run) {
  try {
    return run();
  } catch (error) {
    const note = `${what}: ${error.message}`;
    if (!notes.includes(note)) notes.push(note);
    console.error(note);
    return null;
  }
}

/** The Node binaries, and the modes that hopgrad has on each. */
const engines = [process.execPath, ...values.node].map((node) => {
  const version = figuresOf(node, ['-p', 'JSON.stringify({ version: process.version })']).version;
  const revectorizes = Number(version.slice(1).split('.')[0]) >= 24;
  return { node, version, modes: revectorizes ? [[], ['--wide'], ['--wide', '--fast']] : [[]] };
});

const loadAtStart = Number(loadavg()[0].toFixed(2));

/** hopgrad in a worker of an isolated page. A browser has vectors of 128 bits. */
function chromium(size) {
  const script = fileURLToPath(new URL('../../bench/browser.mjs', import.meta.url));
  const run = () => {
    const figures = figuresOf(process.execPath, [script, '--threads', values.threads, '--size', size]);
    return { ...figures, name: `hopgrad in ${figures.browser}`, mode: 'deterministic 128-bit' };
  };
  return { name: 'hopgrad', node: 'Chromium', run };
}

/** Everyone who runs the step at a size: each a name, the engine it runs on, and how to run it once. */
function contendersAt(sizeName) {
  const size = sizes[sizeName];
  const onNode = ({ node, version, modes }) => [
    ...modes.map((flags) => {
      const args = [bench('step'), '--json', '--threads', values.threads, '--size', size, ...flags];
      return { name: ['hopgrad', ...flags].join(' '), node: version, run: () => figuresOf(node, args) };
    }),
    ...(sizeName === peerSize ? javaScriptPeers(node, version, size) : []),
  ];
  return [
    torchPeer(size, torchSteps[sizeName], values.threads),
    ...engines.flatMap(onNode),
    ...(sizeName === peerSize ? [chromium(size)] : []),
  ];
}

/** Runs all in turn, round after round; what fails, or is slow and has run enough, leaves a null. */
function race(sizeName) {
  const contenders = contendersAt(sizeName).map((contender) => ({ ...contender, figures: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const { name, node, most = rounds, run, figures } of contenders) {
      const failed = round > 0 && figures.every((figure) => figure === null);
      const found = failed || round >= most ? null : attempt(`${name}${node ? ` on ${node}` : ''}`, run);
      figures.push(found);
      if (found) console.error(`${sizeName}, round ${round + 1}: ${name} ${node ?? ''} ${found.stepMs} ms`);
    }
  }
  return contenders.filter(({ figures }) => figures.some((figure) => figure !== null));
}

const steps = values.size.flatMap((size) =>
  race(size).map(({ name, node, figures }) => {
    const times = figures.map((figure) => figure?.stepMs ?? null);
    const first = figures.find((figure) => figure !== null);
    const stepMs = median(times.filter((time) => time !== null));
    const tokensPerSecond = Math.round((first.tokensPerSecond * first.stepMs) / stepMs);
    const { mode = null } = first;
    return { size, name: first.name ?? name, node, mode, stepMs, tokensPerSecond, rounds: times };
  }),
);

/** How many times as fast `own` is as `other`: the median of the ratios within each round. */
function ratioOf(own, other) {
  const each = other.rounds.flatMap((time, i) => (time && own.rounds[i] ? [time / own.rounds[i]] : []));
  const ratio = each.length > 0 ? Number(median(each).toFixed(3)) : null;
  return { size: own.size, node: own.node, mode: own.mode, peer: other.name, ratio, rounds: each.length };
}

const hopgrad = steps.filter(({ mode }) => mode !== null);
const ratios = hopgrad.flatMap((own) =>
  steps
    .filter(({ mode, size }) => mode === null && size === own.size)
    // A JavaScript peer stands beside hopgrad on the same Node.
    .filter(({ node }) => node === null || node === own.node)
    .map((peer) => ratioOf(own, peer)),
);
/** The browser beside Node at the same width. */
const browser = hopgrad
  .filter(({ node }) => node === 'Chromium')
  .flatMap((own) =>
    hopgrad
      .filter(({ node, mode, size }) => node !== own.node && mode === own.mode && size === own.size)
      .map((other) => ({ ...ratioOf(own, other), peer: other.node })),
  );

/** Every benchmark on every engine in every mode. */
const tables = engines.flatMap(({ node, version, modes }) =>
  modes.flatMap((flags) =>
    values.bench.flatMap((name) => {
      // How much memory and how many operations there are does not depend on the mode.
      if (flags.length > 0 && (name === 'memory' || name === 'overhead')) return [];
      const args = [bench(`${name}.bench`), '--json', '--threads', values.threads, ...flags];
      const found = attempt(`${name} on ${version}`, () => figuresOf(node, args));
      if (found) console.error(`${name} on ${version}, ${found.mode}`);
      return found ? [found] : [];
    }),
  ),
);

console.table(steps.map(({ rounds: _, ...row }) => row));
console.table([...ratios, ...browser]);
/** The command as others would give it: where a Node binary stands is of no use to them. */
const args = process.argv.slice(2).map((arg) => {
  const engine = engines.slice(1).find(({ node }) => arg.includes(node));
  return engine ? arg.replace(engine.node, `path/to/node-${engine.version}`) : arg;
});
writeResults(values.out, {
  what:
    'The training step of bench/yardstick.ts on hopgrad and its peers, in turn, in one sitting: stepMs is the median of ' +
    'the rounds, each the median of a run; a ratio is the median of the ratios within the rounds. Then every benchmark of bench/.',
  command: ['npm run bench:results --', ...args].join(' '),
  seeds: [0],
  data: { threads: Number(values.threads), loadAtStart, sizes, steps, ratios, browser, tables, notes },
});
