import { thin } from './figures/curve.ts';
import { densityCurves } from './figures/density-curves.ts';
import type { FigureDocument } from './figures/figure.ts';
import { lossCurve } from './figures/loss-curve.ts';
import { skipMap } from './figures/skip-map.ts';
import { wordUsage } from './figures/word-usage.ts';
import { fixed, humanDuration, humanNumber, percent, printable } from './format.ts';
import { escapeHtml, htmlPage } from './html-page.ts';
import { details, figure, section, table, usageTable, warnings } from './html-parts.ts';
import { layersUsed, legendLevels } from './layers-used.ts';
import { natsToBits, type SummaryRow, summaryRows } from './summary-rows.ts';
import type { RunReport, RunSummary, SkipMap, TokenUsage } from './types.ts';

/** One self-contained page about a run: key figures, curves, skip map, generated text, usage, and how to repeat it. */
export function htmlReport(report: RunReport, document: FigureDocument): string {
  const { summary } = report;
  const layers = report.skipMap.active.length;
  const usage = (name: string, usages: readonly TokenUsage[]): string =>
    section(
      `${name} by layers used`,
      'Mean number of layers that ran, over all occurrences in held-out text.',
      figure(document, (options) => wordUsage({ usages, layers }, options)) + details(usageTable(usages)),
    );
  // A bigram model predicts characters; a token's share of its loss is as many times larger as it has characters.
  const charactersPerToken = natsToBits(summary.valLoss) / summary.bitsPerCharacter;
  const bigramLoss = summary.bigramLoss * charactersPerToken;
  return htmlPage(
    report.title,
    [
      `<h1>${escapeHtml(printable(report.title))}</h1>`,
      `<p class="soft">${escapeHtml(
        `${humanNumber(summary.parameters)} parameters, ${summary.steps} steps in ${humanDuration(summary.seconds)} ` +
          `at ${humanNumber(summary.tokensPerSecond)} tokens per second on ${summary.device}`,
      )}</p>`,
      cards(summary),
      warnings(summary.warnings),
      details(
        table(
          ['figure', 'value', ''],
          summaryRows(summary).map(({ label, value, note }) => [label, value, note]),
        ),
        'All key figures as a table',
      ),
      section(
        'Loss',
        'Nats per token. Below the dashed line it knows more than which character follows which.',
        figure(document, (options) => lossCurve({ curve: report.curve, bigramLoss }, options)) +
          details(curveTable(report)),
      ),
      section(
        'Density',
        'Share of layers that run. Training samples each choice; on held-out text the argmax decides.',
        figure(document, (options) =>
          densityCurves({ ...report, densityTarget: summary.densityTarget }, options),
        ) + details(layerTable(summary)),
      ),
      section(
        'Which layers each token uses',
        'Held-out text: a column for each token, layer 1 at the bottom. Point at a cell to read it.',
        figure(document, (options) => skipMap(report.skipMap, options), 'skip-map'),
      ),
      section(
        'Text the model wrote',
        'The more layers ran for a token, the stronger its tint.',
        colouredText(report.sample),
      ),
      usage('Characters', report.characters),
      usage('Words', report.words),
      section(
        'Configuration',
        'Every option as it was resolved.',
        table(['option', 'value'], flatten(report.config)),
      ),
      section(
        'Repeat this run',
        'The same configuration, seed and corpus on the same device give the same numbers, speed aside.',
        report.commands?.length ? `<pre>${escapeHtml(report.commands.map(printable).join('\n'))}</pre>` : '',
      ),
    ].join('\n'),
  );
}

function cards(summary: RunSummary): string {
  const [loss, bits, , flops, density] = summaryRows(summary);
  const { densityTarget, densitySampled, densityArgmax } = summary;
  const contents: (SummaryRow & { unit: string; share?: number; mark?: number })[] = [
    { ...loss, unit: 'nats per token', note: `${bits.value} bits per character, ${bits.note}` },
    { ...flops, unit: 'executed', share: summary.flopsPerToken / summary.denseFlopsPerToken },
    {
      ...density,
      label: 'layers that run',
      unit: 'argmax',
      note: `held out; target ${percent(densityTarget)}, sampled in training ${percent(densitySampled)}`,
      share: densityArgmax,
      mark: densityTarget,
    },
  ];
  const texts = contents.map(
    ({ label, value, unit, note, share, mark }) =>
      `<div class="card"><span>${label}</span><strong>${value} <small>${unit}</small></strong>` +
      `${share === undefined ? '' : meter(share, mark)}<span>${note}</span></div>`,
  );
  return `<div class="cards">${texts.join('')}</div>`;
}

/** A bar filled to a share from 0 to 1, with a line across it at `mark`. */
function meter(share: number, mark?: number): string {
  const width = (part: number): string => `${fixed(100 * Math.min(1, Math.max(0, part || 0)), 1)}%`;
  const line = mark === undefined ? '' : `<b style="left:${width(mark)}"></b>`;
  return `<div class="meter" aria-hidden="true"><i style="width:${width(share)}"></i>${line}</div>`;
}

function curveTable({ curve }: RunReport): string {
  const evaluated = curve.filter((point) => point.valLoss !== undefined);
  return table(
    ['step', 'training', 'held out', 'density, sampled', 'density, argmax', 'learning rate'],
    thin(evaluated.length > 0 ? evaluated : curve, 25).map((point) => [
      String(point.step),
      fixed(point.trainLoss),
      fixed(point.valLoss),
      percent(point.densitySampled),
      percent(point.densityArgmax),
      point.learningRate.toExponential(2),
    ]),
    'numbers',
  );
}

function layerTable(summary: RunSummary): string {
  return table(
    ['layer', 'density, argmax', 'minus target'],
    summary.densityArgmaxPerLayer.map((density, i) => [
      String(i + 1),
      percent(density),
      percent(density - summary.densityTarget),
    ]),
    'numbers',
  );
}

/** The text with every token on a tint as strong as the share of layers it used, and the tints in a legend. */
function colouredText(map: SkipMap): string {
  const layers = map.active.length;
  const tint = (used: number, text: string, title: string): string =>
    `<span style="--used:${layers === 0 ? 0 : +(used / layers).toFixed(3)}"${title}>${text}</span>`;
  const used = layersUsed(map);
  const text = map.tokens.map((token, i) => {
    const shown = escapeHtml(printable(token)) + (token.includes('\n') ? '\n' : '');
    return tint(used[i], shown, ` title="${used[i]} of ${layers} layers"`);
  });
  const levels = legendLevels(layers)
    .map((count) => tint(count, String(count), ''))
    .join('');
  return `<div class="text">${text.join('')}</div><p class="soft legend">layers used: ${levels}</p>`;
}

/** Nested objects as dotted names. */
function flatten(value: Record<string, unknown>, prefix: string = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, entry]): [string, string][] => {
    const name = prefix + key;
    if (entry !== null && typeof entry === 'object' && !Array.isArray(entry)) {
      return flatten(entry as Record<string, unknown>, `${name}.`);
    }
    return [[name, typeof entry === 'string' ? entry : String(JSON.stringify(entry))]];
  });
}
