import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { markdownTable } from '../../dist/src/report/reproduction/markdown.js';
import {
  chanceNote,
  claimTable,
  modelTable,
  plusMinus,
  signed,
  signLegend,
  speedTable,
  taskScores,
} from '../../dist/src/report/reproduction/tables.js';
import { grid } from '../../dist/src/reproduce/grid.js';
import { readReproduction } from '../../dist/src/reproduce/report.js';
import { table } from './results-file.mjs';

/** What `hopgrad reproduce --out docs/results/reproduce` wrote. */
const FOLDER = fileURLToPath(new URL('../results/reproduce', import.meta.url));
/** The models of the one claim that came out better, and what they stand beside, with seeds that were not looked at before. */
const FRESH = fileURLToPath(new URL('../results/fresh-seeds', import.meta.url));

/** The rows of the README: what the paper compares, and what came nearest to paying. */
const HEADLINE = [
  ['dense', 3, 1],
  ['random', 6, 0.5],
  ['literal', 6, 0.5],
  ['learned-b', 6, 0.5],
  ['learned-a', 6, 0.5],
  ['mixture-of-depths', 6, 0.5],
  ['always-on-random', 6, 0.5],
  ['always-on', 6, 0.5],
  ['always-on-a', 6, 0.5],
  ['always-on-chance', 6, 0.5],
  ['always-on-depths', 6, 0.5],
  ['dense', 4, 1],
  ['always-on-chance', 8, 0.5],
  ['always-on-depths', 8, 0.5],
  ['dense', 6, 1],
  ['always-on-chance', 12, 0.5],
  ['always-on-depths', 12, 0.5],
];

/** The committed results. */
export function readComparison() {
  const expected = grid().map(({ name }) => name);
  return { ...readReproduction(FOLDER, expected), fresh: readReproduction(FRESH) };
}

/** The table of the README. */
export function headline({ rows, claims }) {
  const found = HEADLINE.flatMap(
    ([model, layers, density]) =>
      rows.find((row) => row.model === model && row.layers === layers && row.density === density) ?? [],
  );
  const claimOf = (row) =>
    claims.find((claim) => claim.row === row.name && claim.measure === 'held-out loss');
  const gap = (comparison) => {
    if (!comparison?.advantage || comparison.verdict === 'not tested') return '';
    return signed(comparison.advantage, false);
  };
  return table(
    [
      'model',
      'layers per token',
      'FLOPs per token',
      'held-out loss',
      'beside random',
      'beside dense, same FLOPs',
      'hop-24',
    ],
    found.map((row) => [
      row.name,
      row.layersPerToken.mean.toFixed(2),
      `${Math.round(row.flopsPerToken.mean / 1000)}k`,
      plusMinus(row.loss),
      gap(claimOf(row)?.random),
      gap(claimOf(row)?.dense),
      plusMinus(row.points, 1, 100),
    ]),
  );
}

/** docs/results.md. */
export function resultsPage(comparison) {
  const { rows, claims, taskClaims, origins, missing, models, command, fresh } = comparison;
  const part = (title, text, lines, figure) => [
    `## ${title}`,
    '',
    ...(text ? [text, ''] : []),
    ...(figure ? image(figure[0], figure[1]) : []),
    ...lines,
    ...(lines.length > 0 ? [''] : []),
  ];
  return [
    '# Results',
    '',
    `Every table and figure here follows from the files of [docs/results/reproduce](results/reproduce), one a trained model,`,
    'and is written by `npm run docs:pages`. What we make of them stands in [chapter 9](book/09-evaluation.md#what-it-says).',
    'The same on your machine, in four to five hours on two cores; Ctrl-C saves, and the same command goes on:',
    '',
    `    ${command} --out docs/results/reproduce`,
    '',
    ...missing.map((line) => `- Missing: ${line}`),
    ...(missing.length > 0 ? [''] : []),
    ...part(
      'What is compared',
      'Half of every batch is *Moby Dick*, half [hop-24](book/09-evaluation.md), 24 small tasks; every model has the same recipe ([src/reproduce/recipe.ts](../src/reproduce/recipe.ts)) but for what its row says ([src/reproduce/models.ts](../src/reproduce/models.ts)). In a row `(6, 50%)` means six layers, of which a token runs half.',
      table(
        ['model', 'what it is', 'in the paper'],
        models.map(({ name, doc, paper }) => [name, doc, paper]),
      ),
    ),
    ...part(
      'Quality over cost',
      'Held-out loss over the FLOPs that a token runs. A mark is the mean over seeds, its bar the 95 % interval, faint dots are seeds; the line joins dense models. Routing pays where a mark lies below the line.',
      markdownTable(modelTable(rows)),
      ['loss-over-flops', 'Held-out loss of every model over the FLOPs per token'],
    ),
    'Of these, the models near the dense ones:',
    '',
    ...image('loss-near-dense', 'Held-out loss over the FLOPs per token, of the models near the dense ones'),
    ...part(
      'Does routing pay?',
      `A claim counts only beside a random gate of the same density *and* a dense model of the same executed FLOPs. Nats per character that a model is better by: ${signLegend}. ${chanceNote(claims)}`,
      markdownTable(claimTable(claims, 'held-out loss')),
      ['methods', 'Held-out loss of the models of effective depth 3, best first'],
    ),
    ...part(
      'Once more, with fresh seeds',
      `One model was better than both controls. It is the best of several, and the best of several is often lucky. So it, its random gate and its dense neighbours were trained again with ${fresh.rows[0].seeds.length} seeds that nobody had seen: \`${fresh.command} --only …\`, into [docs/results/fresh-seeds](results/fresh-seeds).`,
      [
        ...markdownTable(modelTable(fresh.rows)),
        '',
        'By held-out loss, then in points over the tasks that the next smaller dense model has learned:',
        '',
        ...markdownTable(claimTable(fresh.claims, 'held-out loss')),
        '',
        ...markdownTable(claimTable(fresh.claims, 'hop-24')),
      ],
    ),
    ...part(
      'On tasks',
      'Points above chance, one-shot, mean over the 24 tasks of hop-24; then the claims, in points over the tasks that the next smaller dense model has learned.',
      markdownTable(claimTable(claims, 'hop-24')),
      ['score-over-flops', 'Points above chance on hop-24 over the FLOPs per token'],
    ),
    ...part(
      'Task by task',
      `Percent right. Behind it stands what a model shows beside both controls: ${signLegend}. ${chanceNote(taskClaims)}`,
      markdownTable(taskScores(comparison)),
    ),
    ...part(
      'Learned and random gates',
      'Twelve layers at four densities (the paper’s Fig. 6).',
      [],
      ['learned-vs-random', 'Held-out loss of learned and of random gates at four densities'],
    ),
    ...part(
      'What goes deep',
      'Layers that words and kinds of characters run, of a learned gate (the paper’s Fig. 7), and the density of every layer.',
      [],
      ['words', 'Words by how many layers they run and how often they occur'],
    ),
    ...image('kinds', 'Layers per kind of character'),
    ...image('density-per-layer', 'Density of every layer'),
    ...(rows.some(({ timing }) => timing)
      ? part(
          'Time',
          'Training and cached decoding beside the dense twin of as many layers, on one quiet machine; *by FLOPs* is what the speed would be if time were FLOPs.',
          markdownTable(speedTable(rows)),
          ['training-speed', 'Training speed beside the dense twin, over the ratio of FLOPs'],
        )
      : []),
    ...image('loss-over-decode-time', 'Held-out loss over measured time per generated token'),
    '## Origin',
    '',
    ...origins.map((line) => `- ${line}`),
    '',
  ].join('\n');
}

/** A figure, where there was enough to draw it. */
function image(name, alt) {
  return existsSync(`${FOLDER}/figures/${name}.svg`)
    ? [`![${alt}](results/reproduce/figures/${name}.svg)`, '']
    : [];
}
