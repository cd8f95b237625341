import { readFileSync } from 'node:fs';
import { cell, origin, readResults, table } from './results-file.mjs';

const count = (number) => number.toLocaleString('en-US');
const percent = (share) => `${share.toFixed(1)} %`;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const readGoldens = (name) =>
  JSON.parse(readFileSync(new URL(`../../test/goldens/${name}.json`, import.meta.url), 'utf8'));

/** A map from each key to the entries that have it. */
function groupBy(entries, keyOf) {
  const groups = new Map();
  for (const entry of entries) groups.set(keyOf(entry), [...(groups.get(keyOf(entry)) ?? []), entry]);
  return groups;
}

/** docs/inside/why-trust-it.md: what was tried to prove hopgrad wrong, and what came of it. */
export function trustPage() {
  return [
    '# Why trust it',
    '',
    'What has been tried to prove hopgrad wrong, and what came of it. Written by `npm run docs:pages` from `docs/results`; under each',
    'section stands the command that does it again.',
    '',
    ...gradients(readResults('gradients')),
    ...goldens(),
    ...mutation(readResults('mutation')),
    ...estimators(readResults('estimators')),
    ...model(),
    ...faults(readResults('faults')),
  ].join('\n');
}

function gradients(results) {
  const { ops, differentiable, casesPerOp, totalCases, seconds, properties } = results.data;
  return [
    '## A gradient is a slope, and slopes can be measured',
    '',
    '[test/properties/laws.ts](../../test/properties/laws.ts) says what a gradient is in five laws. Every op is put to each of them',
    'on calls that its own record draws: ranks 0 to 4, empty axes and axes of size 1, operands that broadcast on either side,',
    'views (transposed, sliced, expanded, selected, still pending), one tensor in two places, every option. Cotangents are',
    'random, never a bare sum; numbers are float64; |analytic − numeric| ≤ 10⁻⁶ · max(1, ‖numeric‖∞), to second order.',
    'Random graphs over all ops, up to eight calls deep, test the chain rule.',
    '',
    `${ops} ops, ${differentiable} of them differentiable; at least ${count(casesPerOp)} cases per op and property, ${count(totalCases)} in all, in ${Math.round(seconds / 60)} minutes. All hold:`,
    '',
    ...table(
      ['property', 'ops', 'cases'],
      properties.map(({ property, ops: own, cases }) => [cell(property), own || '–', count(cases)]),
    ),
    '',
    origin(results),
    '',
    'A check that cannot fail proves nothing. So every op gets wrong backwards on purpose (a sign, a missing factor, a forgotten',
    'operand, swapped operands, a missing sum over a stretched axis, a gradient that cannot be differentiated again), and the',
    'same property has to find each of them: [negative-controls.test.ts](../../test/properties/negative-controls.test.ts). A failure',
    'prints its seed and its shrunk example as a test to paste:',
    '',
    '```',
    'wrongNeg: does not hold (try 1, seed 1746229151, path 0:0:0; repeat with HOPGRAD_SEED=1746229151 HOPGRAD_PATH=0)',
    'gradcheck: function on (): 1 wrong; first at order 1, input 0, element []: analytic -0.27, numeric 0.27',
    "test('counterexample', () => {",
    '  const f = (a) => wrongNeg(a);',
    '  const leaves = [',
    "    tensor(0, { dtype: 'float64' }),",
    '  ];',
    '  gradientsAreSlopes(f, leaves, 0);',
    '});',
    '```',
    '',
  ];
}

function goldens() {
  const calls = readGoldens('ops');
  const kinks = readGoldens('kinks');
  return [
    '## Someone else computes the same',
    '',
    'A mistake made in an op and in its test alike would pass all of that. So PyTorch, in a script that shares no line with',
    `hopgrad, computes everything a second time: ${calls.length} calls of every op with gradients and gradients of gradients, ${kinks.length} calls at points`,
    'where no derivative exists, and a SkipLayer written from the paper token by token, with every gradient and five steps of',
    'AdamW and of Adafactor. They agree to 10⁻¹² and better (of the largest number compared, or 1). Where hopgrad takes another convention at a kink, a row of',
    '[kinks.test.ts](../../test/goldens/kinks.test.ts) says which and why.',
    '',
    '    python3 test/goldens/make.py',
    '',
  ];
}

function mutation(results) {
  const { score, mutants, folders, survivors } = results.data;
  const rows = [...groupBy(survivors, ({ reason }) => reason)].sort(([, a], [, b]) => b.length - a.length);
  return [
    '## Would a test notice?',
    '',
    `Stryker puts small mistakes into the ops, the tape, the routers and the loss, one at a time: ${count(mutants)} of them. The tests find`,
    `${percent(score)}; documentation strings are not counted, and a mutant that no test reaches counts as one that lives. (The rest of`,
    'hopgrad is not mutated yet.)',
    '',
    ...table(
      ['what is mutated', 'mutants', 'found', 'not found', 'score'],
      folders.map(({ folder, mutants: own, killed, timeout, survived, noCoverage, score: part }) => [
        folder === 'loss' ? 'the loss (crossEntropy, evaluation)' : `src/${folder}`,
        own,
        killed + timeout,
        survived + noCoverage,
        percent(part),
      ]),
    ),
    '',
    'Why the others live (each one stands in docs/results/mutation.json):',
    '',
    ...table(
      ['mutants', 'reason'],
      rows.map(([reason, list]) => [list.length, cell(reason ?? 'not looked into')]),
    ),
    '',
    origin(results),
    '',
  ];
}

function estimators(results) {
  const figures = (rows, key) => median(rows.map((row) => row[key]));
  const situations = [...new Set(results.data.map(({ situation }) => situation))];
  const kinds = groupBy(results.data, (row) => `${row.estimator}|${row.temperature ?? '–'}`);
  const rows = [...kinds].map(([key, all]) => [
    ...key.split('|'),
    ...situations.flatMap((situation) => {
      const own = all.filter((row) => row.situation === situation);
      return [figures(own, 'relativeBias'), figures(own, 'cosine'), figures(own, 'relativeVariance')].map(
        (value) => (Math.abs(value) < 1e-9 ? '0' : Number(value.toPrecision(2)).toString()),
      );
    }),
  ]);
  return [
    '## What an estimator gets wrong',
    '',
    'A decision to skip has no gradient; what a router learns from is an estimate of the gradient of the *expected* loss. For a',
    'model of two layers on three tokens all 64 outcomes can be listed, so that gradient is known exactly, and the estimates',
    'can be held against it: how far their mean is from it (bias), whether it points the same way (cosine), how far one sample',
    `is from the mean (variance); all relative to its length. Medians over ${new Set(results.data.map(({ seed }) => seed)).size} seeds, ${situations.join(' and ')}.`,
    '',
    ...table(
      [
        'estimator',
        'τ',
        ...situations.flatMap((situation) =>
          ['bias', 'cosine', 'variance'].map((what) => `${what}, ${situation}`),
        ),
      ],
      rows,
    ),
    '',
    'The score function (REINFORCE) is unbiased and pays for it in variance; the straight-through estimators are quieter and',
    'biased. *taken-branch* compares what was taken with nothing, and the norm before the head undoes any change of scale, so most',
    'of the true gradient does not reach the router of a model as small as this one, beside the density loss.',
    'That both forwards are hard, that each backward is exactly the surrogate it states, and that Gumbel noise and decisions',
    'have the right law is tested in [test/routing](../../test/routing).',
    '',
    origin(results),
    '',
  ];
}

function model() {
  return [
    '## Skipping changes what is computed, never what it is',
    '',
    'For every router of the table, every wrapping, both estimators and both executions ([test/model](../../test/model)): no logit',
    'and no decision depends on a later token, under every pattern of skipping that a small model has; a cache generates',
    'what the full forward would, logit for logit; masked and gathered execution agree in values and in the gradient of every',
    'parameter; a row alone is that row in any batch, padded or not; routers held open make the dense transformer, routers',
    'held closed the identity, with keys and values written all the same.',
    '',
  ];
}

function faults(results) {
  const {
    kills,
    resumedIdentically,
    stepsLost,
    killed,
    fuzz,
    fuzzCases,
    crashes,
    faults: tried,
    endurance,
  } = results.data;
  const inWrite = Object.values(killed).reduce((sum, { inCheckpoint = 0 }) => sum + inCheckpoint, 0);
  const { 'own loop': own, ...byDevice } = endurance;
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const grown = ({ start, end }, key) => `${megabytes(start[key])} → ${megabytes(end[key])}`;
  return [
    '## Runs under faults',
    '',
    `Trainings were killed ${count(kills)} times with \`kill -9\`: at random moments, ${inWrite} of them within the writing of a checkpoint, and at`,
    `each of the ${killed.atEachFileCall.calls} calls by which a run changes a file. All could be resumed, ${count(resumedIdentically)} of ${count(kills)} ended with the bits of a run never`,
    `stopped (losses, gradient norms, weights, optimizer state), and none lost more than the ${stepsLost.max} steps since its last`,
    `checkpoint (one every ${stepsLost.checkpointEvery}). After each of these faults, too, a run could be brought to its end with the same bits:`,
    '',
    ...table(
      ['fault', 'what a person reads'],
      tried.map(({ fault, outcome }) => [
        cell(fault),
        cell(Array.isArray(outcome) ? `${outcome[0]}; and at ${outcome.length - 1} other sizes` : outcome),
      ]),
    ),
    '',
    `${count(fuzzCases)} fuzzed inputs made ${crashes} crashes: each was accepted, or refused in one line that a person can read, within two`,
    'seconds of processor time and without taking memory out of proportion.',
    '',
    ...table(
      ['input', 'cases', 'accepted', 'refused', 'slowest', 'most memory'],
      Object.entries(fuzz).map(([kind, { cases, accepted, refused, slowestMs, peakMB }]) => [
        kind === 'commandLine' ? 'command line' : kind,
        ...[cases, accepted, refused].map(count),
        `${Math.round(slowestMs)} ms`,
        `${peakMB.toFixed(1)} MB`,
      ]),
    ),
    '',
    `${count(endurance.cpu.steps)} training steps, from step ${endurance.cpu.start.step} to the end:`,
    '',
    ...table(
      ['device', 'live storages', 'heap', 'array buffers', 'resident memory', 'ms per step, early → late'],
      Object.entries(byDevice).map(([device, figures]) => [
        device,
        `${figures.start.storages} → ${figures.end.storages}`,
        ...['heap', 'arrayBuffers', 'rss'].map((key) => grown(figures, key)),
        `${figures.stepMs.early} → ${figures.stepMs.late}`,
      ]),
    ),
    '',
    ...(own
      ? [
          `A loop of one's own on cpu, which frees nothing and never waits, held at most ${grown({ start: own.early, end: own.late }, 'liveBytes')} in`,
          `WebAssembly memory and ${grown({ start: own.early, end: own.late }, 'rss')} resident, early and late in ${count(own.steps)} steps.`,
          '',
        ]
      : []),
    origin(results),
    '',
  ];
}
