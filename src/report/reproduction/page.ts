import type { FigureDocument, FigureOptions } from '../figures/figure.ts';
import { wordUsage } from '../figures/word-usage.ts';
import { humanDuration, printable } from '../format.ts';
import { escapeHtml, htmlPage } from '../html-page.ts';
import { details, figure, section, table, usageTable, warnings, wideTable } from '../html-parts.ts';
import { densityPerLayer } from './density-per-layer.ts';
import { learnedVsRandom } from './learned-vs-random.ts';
import { methods } from './methods.ts';
import { lossNearDense, lossOverDecodeTime, lossOverFlops, nearDense, scoreOverFlops } from './quality.ts';
import {
  chanceNote,
  claimTable,
  depthTable,
  modelTable,
  signLegend,
  speedTable,
  type TextTable,
  taskScores,
  verdictCounts,
} from './tables.ts';
import { trainingSpeed } from './training-speed.ts';
import type { Comparison, ModelRow, Reproduction } from './types.ts';
import { wordBubbles } from './word-bubbles.ts';

/** A figure of the reproduction, by the name of its file; null where there is nothing to draw. */
export type ReproductionFigures = Record<string, ((options: FigureOptions) => string) | null>;

/** Every figure, drawn from the data alone. */
export function reproductionFigures({ rows }: Reproduction): ReproductionFigures {
  const has = (some: (row: ModelRow) => boolean, draw: (options: FigureOptions) => string) =>
    rows.some(some) ? draw : null;
  const routed = rows.filter((row) => row.model === 'learned-b' && row.densityPerLayer.length > 0);
  const read = readRow(rows);
  return {
    'loss-over-flops': (options) => lossOverFlops(rows, options),
    'loss-near-dense': nearDense(rows).some(({ model }) => model !== 'dense')
      ? (options) => lossNearDense(rows, options)
      : null,
    'score-over-flops': has(
      ({ points }) => points !== null,
      (options) => scoreOverFlops(rows, options),
    ),
    'loss-over-decode-time': has(
      ({ timing }) => timing !== null,
      (options) => lossOverDecodeTime(rows, options),
    ),
    'training-speed': has(
      ({ model, timing }) => model !== 'dense' && Boolean(timing?.twin),
      (options) => trainingSpeed(rows, options),
    ),
    methods: (options) => methods(rows, options),
    'learned-vs-random': has(
      ({ model }) => model === 'learned-b' || model === 'random',
      (options) => learnedVsRandom(rows, options),
    ),
    words: read ? (options) => wordBubbles({ usages: read.words, layers: read.layers }, options) : null,
    kinds:
      read && read.kinds.length > 0
        ? (options) => wordUsage({ usages: read.kinds, layers: read.layers }, options)
        : null,
    'density-per-layer': routed.length > 0 ? (options) => densityPerLayer(routed, options) : null,
  };
}

/** The model whose words are shown: the paper's, of 12 layers at half of the density, or the first learned one. */
function readRow(rows: readonly ModelRow[]): ModelRow | undefined {
  const learned = rows.filter(({ model, words }) => model === 'learned-b' && words.length > 0);
  return learned.find(({ layers, density }) => layers === 12 && density === 0.5) ?? learned[0];
}

/** One self-contained page: quality over cost, the table of models, claims, tasks, speeds, depth, and how to repeat it. */
export function reproductionPage(reproduction: Reproduction, document: FigureDocument): string {
  const { rows, claims, taskClaims, missing, origins, trainingSeconds, command } = reproduction;
  const figures = reproductionFigures(reproduction);
  const show = (name: string): string => {
    const draw = figures[name];
    return draw === null ? '' : figure(document, draw);
  };
  const read = readRow(rows);
  const trained = rows.reduce((sum, { seeds }) => sum + seeds.length, 0);
  const title = 'Learning to skip, reproduced';
  /** A section without content is left out. */
  const part = (name: string, about: string, content: string): string =>
    content === '' ? '' : section(name, about, content);
  return htmlPage(
    title,
    [
      `<h1>${title}</h1>`,
      `<p class="soft">${escapeHtml(`${trained} trained models in ${rows.length} rows, ${humanDuration(trainingSeconds)} of training`)}</p>`,
      cards(reproduction),
      warnings(missing.map((line) => `Missing: ${line}.`)),
      part(
        'Quality over cost',
        'Held-out loss over the FLOPs that a token runs. A mark is the mean over seeds, its bar the 95% interval, faint dots ' +
          'are seeds; the line joins dense models, labelled by their layers. Routing pays where a mark lies below the line.',
        show('loss-over-flops') + show('loss-near-dense'),
      ),
      part(
        'Tasks over cost',
        'hop-24, one-shot: points above chance, mean over its 24 tasks. Routing pays above the line.',
        show('score-over-flops'),
      ),
      part(
        'Models',
        'Means over seeds ± half their 95% intervals; hop-24 in exact match, accuracy and points above chance.',
        content(modelTable(rows)) +
          details(
            table(
              ['model', 'what it is', 'in the paper'],
              reproduction.models.map(({ name, doc, paper }) => [name, doc, paper]),
            ),
            'What the models are',
          ),
      ),
      part(
        'Does routing pay?',
        'A claim counts only beside a random gate of the same density and a dense model of the same executed FLOPs (the line ' +
          'above, seed by seed), by hop-24 only on tasks in which that dense model is 20 points above chance. The paper compares ' +
          `at the same effective depth, where a routed model runs more FLOPs. ${chanceNote(claims)}`,
        ['held-out loss', 'hop-24']
          .filter((measure) => claims.some((claim) => claim.measure === measure))
          .map((measure) => {
            const unit = measure === 'hop-24' ? 'points on hop-24' : 'nats per token, held out';
            return `<p><strong>By ${unit}</strong>, above 0 where the model is better (${signLegend}):</p>${content(claimTable(claims, measure))}`;
          })
          .join(''),
      ),
      part(
        'Task by task',
        `Percent right. Behind it stands what a model shows beside both controls: ${signLegend}. ${chanceNote(taskClaims)}`,
        content(taskScores(reproduction)),
      ),
      part(
        'Ways to skip',
        'Models of the same effective depth, best first; the upright line is what a dense model of the same FLOPs reaches.',
        show('methods'),
      ),
      part(
        'Learned and random gates',
        'Held-out loss over the density. What lies between the two curves is what the router has learned.',
        show('learned-vs-random'),
      ),
      part(
        'Speed',
        'Measured on a machine that does nothing else, in turns with the dense twin: the model of as many layers that skips none.',
        show('training-speed') + show('loss-over-decode-time') + content(speedTable(rows)),
      ),
      read
        ? part(
            'Words by depth',
            `Frequent words of held-out text in ${escapeHtml(read.name)}, means over ${read.seeds.length} seeds; the larger, the more frequent.`,
            show('words') + details(usageTable(read.words)),
          )
        : '',
      part('Kinds of characters by depth', 'In the same model.', show('kinds')),
      part('Density per layer', 'On held-out text, means over seeds.', show('density-per-layer')),
      part(
        'Do hard tokens run more layers?',
        "Spearman's correlation of a token's loss with the layers that ran for it: above 0 where they do.",
        content(depthTable(rows)),
      ),
      part(
        'Origin',
        'Where and with what all this was computed.',
        `<ul class="notes">${origins.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`,
      ),
      part(
        'Repeat it',
        `Everything: <code>${escapeHtml(printable(command))}</code>. This page from the results: <code>hopgrad reproduce --report</code>. ` +
          'The first seed of each row:',
        details(
          `<pre>${escapeHtml(rows.map(({ command }) => printable(command)).join('\n'))}</pre>`,
          'Commands',
        ),
      ),
    ].join('\n'),
  );
}

function content({ head, rows, notes }: TextTable): string {
  if (rows.length === 0) return '';
  const items = notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('');
  return wideTable(head, rows) + (notes.length > 0 ? `<ol class="notes">${items}</ol>` : '');
}

/** How the learned gates stand, by held-out loss. */
function cards({ claims }: Reproduction): string {
  const byLoss = claims.filter(({ measure }) => measure === 'held-out loss');
  const card = (title: string, verdicts: Comparison['verdict'][]): string => {
    const better = verdicts.filter((verdict) => verdict === 'better').length;
    const small = `of ${verdicts.length} routed models better`;
    return (
      `<div class="card"><span>${title}</span><strong>${better} <small>${small}</small></strong>` +
      `<span>held-out loss: ${verdictCounts(verdicts)}</span></div>`
    );
  };
  if (byLoss.length === 0) return '';
  return `<div class="cards">${[
    card(
      'beside a random gate',
      byLoss.map(({ random }) => random.verdict),
    ),
    card(
      'beside dense, same FLOPs',
      byLoss.map(({ dense }) => dense.verdict),
    ),
    card(
      'beside both',
      byLoss.map(({ verdict }) => verdict),
    ),
  ].join('')}</div>`;
}
