import { readResults, table } from './results-file.mjs';

const count = (number) => number.toLocaleString('en-US');
const digits = (number, most = 3) => Number(number.toPrecision(most)).toString();
const unique = (values) => [...new Set(values)];
const engineOf = (node) => (node.startsWith('v') ? `Node ${node.slice(1).split('.')[0]}` : node);
const modeOf = ({ node, mode }) => `${engineOf(node)}, ${mode}`;

/** docs/inside/how-fast-it-is.md: the figures of docs/results/performance.json. */
export function performancePage() {
  const results = readResults('performance');
  const { data, command, machine, versions } = results;
  const modes = unique(data.steps.filter(({ mode }) => mode).map(modeOf));
  return [
    '# How fast it is',
    '',
    'Written by `npm run docs:pages` from `docs/results/performance.json`. hopgrad runs on the `cpu` device: SIMD kernels emitted as',
    `WebAssembly when they are first needed, on ${data.threads} threads. *Deterministic* means the same bits on every engine and with any`,
    'number of threads; it is the default. *256-bit* is V8’s revectorizer joining pairs of vectors, which keeps the bits; *fast*',
    'allows products and sums to be rounded once, which does not.',
    '',
    ...steps(data, modes),
    ...whereItGoes(data.sizes),
    ...products(data, modes),
    ...elements(data, modes),
    ...skipping(data),
    ...overhead(data),
    ...memory(data),
    `    ${command}`,
    '',
    `${machine}; Node ${unique(data.steps.flatMap(({ node }) => node ?? [])).join(', ')}; hopgrad ${versions.hopgrad}; load of the machine at the start: ${data.loadAtStart}.`,
    '',
    ...data.notes.flatMap((note) => [`Left out: ${note}.`, '']),
  ].join('\n');
}

/** The rows of a benchmark in every mode, under its head. */
function tablesOf(data, name) {
  return data.tables.filter(({ bench }) => bench === name);
}

function steps(data, modes) {
  const of = (size, mode) => data.steps.find((row) => row.size === size && row.mode && modeOf(row) === mode);
  const ratio = (size, mode, peer) =>
    data.ratios.find((row) => row.size === size && modeOf(row) === mode && row.peer === peer);
  const sizes = unique(data.steps.map(({ size }) => size));
  const torch = data.steps.find(({ name }) => name.startsWith('PyTorch'))?.name;
  const rows = sizes.map((size) => [
    `(${data.sizes[size].split(',').join(', ')})`,
    ...(torch ? [digits(data.steps.find((row) => row.size === size && row.name === torch).stepMs)] : []),
    ...modes.map((mode) => {
      const own = of(size, mode);
      if (!own) return '–';
      const against = ratio(size, mode, torch);
      return `${digits(own.stepMs)}${against ? ` (${digits(against.ratio)} ×)` : ''}`;
    }),
  ]);
  const others = data.ratios.filter(({ peer }) => peer !== torch);
  const browser = data.browser.map(({ peer, ratio }) => `${digits(ratio)} × as fast as ${engineOf(peer)}`);
  return [
    '## A training step',
    '',
    'Forward, backward and AdamW of a dense transformer in float32, with tape and all, after',
    '[bench/yardstick.ts](../../bench/yardstick.ts). The peers do the same work ([bench/peers](../../bench/peers)), in turn and in one sitting.',
    'Milliseconds for (batch, sequence, dim, heads, layers)' +
      (torch ? `, and how many times as fast as ${torch} that is:` : ':'),
    '',
    ...table(['step', ...(torch ? [`${torch}, ms`] : []), ...modes.map((mode) => `${mode}, ms`)], rows),
    '',
    ...(browser.length === 0
      ? []
      : [`In Chromium, in a worker of an isolated page: ${browser.join(', ')}, all at 128 bits.`, '']),
    ...(others.length === 0
      ? []
      : [
          'Other libraries in JavaScript, at the third of these sizes, on the same Node:',
          '',
          ...table(
            ['library', 'its step, ms', 'hopgrad in', 'times as fast'],
            others.map((row) => {
              const { stepMs } = data.steps.find(
                ({ name, node, size }) => name === row.peer && node === row.node && size === row.size,
              );
              return [row.peer, count(Math.round(stepMs)), modeOf(row), `${digits(row.ratio)} ×`];
            }),
          ),
          '',
        ]),
  ];
}

/** The figures of docs/results/profile.json. */
function whereItGoes(sizes) {
  const { data, what, command, versions } = readResults('profile');
  const parts = unique(data.flatMap((step) => step.parts.map(({ part }) => part)));
  const cellOf = (step, part) => {
    const row = step.parts.find((own) => own.part === part);
    return row ? `${digits(row.stepMs)} (${Math.round((100 * row.stepMs) / step.stepMs)} %)` : '–';
  };
  const heads = data.map(({ size }) => `(${sizes[size].split(',').join(', ')}), ms`);
  const speeds = data.map(({ gflops }) => `${Math.round(gflops)}`);
  return [
    '### Where the time goes',
    '',
    `${what.replace(/; the same.*/, '')}; Node ${versions.node}.`,
    '',
    ...table(
      ['part', ...heads],
      [
        ...parts.map((part) => [part, ...data.map((step) => cellOf(step, part))]),
        ['all', ...data.map(({ stepMs }) => digits(stepMs))],
        ['products, GFLOP/s', ...speeds],
      ],
    ),
    '',
    'Products run near what the registers allow at every size; what is left to win lies around them. PyTorch’s products run',
    'on vectors of 512 bits, which WebAssembly does not reach, and its share of them grows with the model: that is why the',
    'ratio falls from left to right. In the smallest model launches are so short (a microsecond or two) that handing them to a second',
    'thread gains little, and the engine’s own work shows.',
    '',
    `    ${command}`,
    '',
  ];
}

function products(data, modes) {
  const tables = tablesOf(data, 'gemm');
  if (tables.length === 0) return [];
  const [{ rows: first }] = tables;
  const cellOf = (mode, { size, form }) => {
    const row = tables
      .find((own) => modeOf(own) === mode)
      ?.rows.find((own) => own.size === size && own.form === form);
    return row ? `${Math.round(row.gflops)} (${Math.round(row.percentOfPeak)} %)` : '–';
  };
  return [
    '## Products of matrices',
    '',
    'GFLOP/s, and in brackets the part of what this engine’s SIMD can do at all: multiplications and additions among',
    'registers, measured in the same run. T: the operand is transposed, N: it is not.',
    '',
    ...table(
      ['M x K x N', 'form', ...modes],
      first.map((row) => [row.size, row.form, ...modes.map((mode) => cellOf(mode, row))]),
    ),
    '',
  ];
}

function elements(data, modes) {
  const tables = tablesOf(data, 'pointwise');
  if (tables.length === 0) return [];
  const [{ rows: first }] = tables;
  const cellOf = (mode, { operation }) => {
    const row = tables.find((own) => modeOf(own) === mode)?.rows.find((own) => own.operation === operation);
    return row ? digits(row.gelemPerSecond) : '–';
  };
  return [
    '## Element by element, row by row',
    '',
    'Gelem/s: elements of the result a nanosecond.',
    '',
    ...table(
      ['operation', ...modes],
      first.map((row) => [row.operation, ...modes.map((mode) => cellOf(mode, row))]),
    ),
    '',
  ];
}

function skipping(data) {
  const [training, decoding] = [tablesOf(data, 'skipping'), tablesOf(data, 'decoding')];
  if (training.length === 0 || decoding.length === 0) return [];
  const share = (value) => (value === undefined ? '' : `${Math.round(value)} %`);
  const common = ({ timeOfDense, flopsOfDense, percentRealised }) => [
    digits(timeOfDense, 2),
    digits(flopsOfDense, 2),
    share(percentRealised),
  ];
  const head = ['time, of dense', 'FLOPs, of dense', 'of the FLOPs saved, saved as time'];
  const sized = decoding.every(({ rows }) => rows.every(({ model }) => model)); // models of several sizes
  return [
    '## What skipping saves',
    '',
    'A training step of the yardstick in which a random gate lets each token run a layer with probability P; feed-forwards 4 and',
    '8 (the paper’s) times as wide as the model. Keys and values are computed for every token, so that P = 25 % is not a quarter',
    'of the work.',
    '',
    ...table(
      ['engine', 'feed-forward', 'P', 'step, ms', ...head],
      training.flatMap((own) =>
        own.rows.map((row) => [
          modeOf(own),
          `${row.feedForward} ×`,
          row.density,
          digits(row.stepMs),
          ...common(row),
        ]),
      ),
    ),
    '',
    'Writing text token by token from a cache, one text:',
    '',
    ...table(
      ['engine', ...(sized ? ['layers x width', 'router'] : []), 'P', 'tokens a second', ...head],
      decoding.flatMap((own) =>
        own.rows.map((row) => [
          modeOf(own),
          ...(sized ? [row.model, row.router] : []),
          row.density,
          count(row.tokensPerSecond),
          ...common(row),
        ]),
      ),
    ),
    '',
    ...(sized ? prompts(decoding, head, common) : []),
  ];
}

/** Reading a whole context into the cache: of one engine, since all of them run the same kernels as in training. */
function prompts([own], head, common) {
  const read = (row) => ({
    timeOfDense: row.promptTimeOfDense,
    flopsOfDense: row.promptFlopsOfDense,
    percentRealised: row.promptPercentRealised,
  });
  return [
    `Reading a prompt as long as the context at once, on ${modeOf(own)}:`,
    '',
    ...table(
      ['layers x width', 'router', 'P', 'prompt, ms', ...head],
      own.rows.map((row) => [row.model, row.router, row.density, digits(row.promptMs), ...common(read(row))]),
    ),
    '',
  ];
}

function overhead(data) {
  const tables = tablesOf(data, 'overhead');
  if (tables.length === 0) return [];
  const rows = tables.flatMap((own) =>
    own.rows.map((row) => [
      engineOf(own.node),
      row.kernels,
      row.graph,
      ...[row.forwardNsPerOp, row.withBackwardNsPerOp].map((value) => digits(value)),
    ]),
  );
  return [
    '## What an op costs beside its kernel',
    '',
    'Nanoseconds per op in graphs of 8 × 8 numbers, with the tape on; and the same with kernels that do nothing.',
    '',
    ...table(['engine', 'kernels', 'graph', 'forward', 'with backward'], rows),
    '',
  ];
}

function memory(data) {
  const tables = tablesOf(data, 'memory');
  if (tables.length === 0) return [];
  const MB = (value) => `${digits(value)} MB`;
  return [
    '## Memory',
    '',
    'Of a training step: its parameters; the most in use at any moment; what is left between steps (parameters and the moments',
    'of AdamW among it); how long the memory has become; and the process as a whole, which has run the rows above too.',
    '',
    ...table(
      ['engine', 'step', 'parameters', 'peak', 'between steps', 'memory', 'process'],
      tables.flatMap((own) =>
        own.rows.map(({ size, parametersMB, peakMB, betweenStepsMB, memoryMB, processMB }) => [
          modeOf(own),
          `(${size.split(',').join(', ')})`,
          ...[parametersMB, peakMB, betweenStepsMB, memoryMB, processMB].map(MB),
        ]),
      ),
    ),
    '',
  ];
}
