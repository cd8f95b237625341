import { fixed, humanDuration, humanNumber, percent, printable, shortLabel, visible } from './format.ts';
import { layersUsed, legendLevels, mostAndLeast } from './layers-used.ts';
import { summaryRows } from './summary-rows.ts';
import { bold, columns, dim, pad, paint, wrapTokens, yellow } from './terminal-text.ts';
import type { RunSummary, SkipMap, TokenUsage } from './types.ts';

export interface TerminalOptions {
  /** Whether to use ANSI colours. The caller knows the terminal; nothing here looks. */
  colour: boolean;
}

export interface MapOptions extends TerminalOptions {
  /** Terminal columns to stay within (default 80). */
  width?: number;
}

/** Where training stands. Loss in nats per token, densities as shares, times in seconds. */
export interface Progress {
  step: number;
  steps: number;
  loss: number;
  bitsPerCharacter: number;
  density: number;
  densityTarget: number;
  tokensPerSecond: number;
  etaSeconds: number;
  /** The latest held-out loss, once there is one. */
  valLoss?: number;
}

const PROGRESS_WIDTH = 100;

/** One line of at most 100 columns, without colours, whose fields keep their places from step to step. */
export function progressLine(progress: Progress): string {
  const { step, steps } = progress;
  const loss = (value: number = Number.NaN): string =>
    pad(fixed(value, value < 9.9995 ? 3 : value < 99.995 ? 2 : 0), 5);
  const fields = [
    `loss ${loss(progress.loss)}`,
    `${pad(fixed(progress.bitsPerCharacter, 2), 5, 'left')} bits/char`,
    `val ${loss(progress.valLoss)}`,
    `density ${pad(percent(progress.density, 0), 4, 'left')}/${percent(progress.densityTarget, 0)}`,
    `${pad(humanNumber(progress.tokensPerSecond), 5, 'left')} tok/s`,
    `${pad(humanDuration(progress.etaSeconds), 6, 'left')} left`,
  ].join('  ');
  const place = `${pad(String(step), String(steps).length, 'left')}/${steps}  `;
  const room = Math.min(12, PROGRESS_WIDTH - columns(place + fields) - 2);
  const done = Math.round(room * Math.min(1, Math.max(0, step / steps || 0)));
  const bar = room >= 3 ? `${'━'.repeat(done)}${'╌'.repeat(room - done)}  ` : '';
  return [...(place + bar + fields)].slice(0, PROGRESS_WIDTH).join('');
}

/** A number of layers as one character: 0 to 9, a to z, then +. */
function digit(layers: number): string {
  return layers < 36 ? layers.toString(36) : '+';
}

/** The text of a map, each token coloured by the layers it used; without colour, by a digit below it. Ends with a legend. */
export function colourByLayers(map: SkipMap, options: MapOptions): string {
  const used = layersUsed(map);
  const layers = map.active.length;
  const share = (count: number): number => (layers === 0 ? 0 : count / layers);
  const lines: string[] = [];
  for (const [start, end] of wrapTokens(map.tokens, options.width ?? 80, true)) {
    const texts = map.tokens.slice(start, end).map(printable);
    if (options.colour) {
      lines.push(texts.map((text, i) => paint(text, share(used[start + i]))).join(''));
    } else {
      lines.push(texts.join('').trimEnd());
      lines.push(
        texts
          .map((text, i) => pad(digit(used[start + i]), columns(text)))
          .join('')
          .trimEnd(),
      );
    }
  }
  if (!options.colour) {
    return [...lines, '', `Below each token: layers used, of ${layers}.`].join('\n');
  }
  const legend = legendLevels(layers)
    .map((count) => paint(` ${count} `, share(count)))
    .join('');
  return [...lines, '', `layers used: ${legend}`].join('\n');
}

/** Layers (top to bottom, layer 1 last) by tokens (left to right), wrapped to the width. Ends with a legend. */
export function skipMapText(map: SkipMap, options: MapOptions): string {
  layersUsed(map); // checks the map
  const layers = map.active.length;
  const labels = map.tokens.map(visible);
  const margin = String(layers).length;
  const lines: string[] = [];
  for (const [start, end] of wrapTokens(labels, (options.width ?? 80) - margin - 1, false)) {
    for (let layer = layers; layer >= 1; layer--) {
      const row = map.active[layer - 1].slice(start, end);
      const cells = row.map((ran, i) => (ran ? '█' : '·').repeat(columns(labels[start + i])));
      const painted = cells.map((cell, i) =>
        !options.colour ? cell : row[i] ? `\x1b[38;5;208m${cell}\x1b[39m` : dim(cell, true),
      );
      lines.push(`${pad(String(layer), margin, 'left')} ${painted.join('')}`);
    }
    lines.push(`${' '.repeat(margin)} ${labels.slice(start, end).join('')}`, '');
  }
  return [...lines, '█ layer ran  · skipped  (layer 1 at the bottom)'].join('\n');
}

/** The tokens that use most layers beside those that skip most, with the mean number of layers and the count. */
export function usageTable(
  usages: readonly TokenUsage[],
  options: TerminalOptions & { count?: number },
): string {
  const { most, least } = mostAndLeast(usages, options.count ?? 8);
  const blocks = [most, least].map((list) => {
    const cells = list.map(({ token, meanLayers, count }) => [
      shortLabel(token, 16),
      fixed(meanLayers, 2),
      String(count),
    ]);
    return [['token', 'layers', 'count'], ...cells];
  });
  const widths = [0, 1, 2].map((i) => Math.max(...blocks.flat().map((row) => columns(row[i]))));
  const format = ([token, layers, count]: readonly string[] = ['', '', '']): string =>
    [pad(token, widths[0]), pad(layers, widths[1], 'left'), pad(count, widths[2], 'left')].join('  ');
  const width = columns(format());
  const title = ['use most layers', 'skip most'].map((text) => pad(text, width));
  const body = Array.from({ length: Math.max(...blocks.map((block) => block.length)) }, (_, i) =>
    blocks
      .map((block) => format(block[i]))
      .join('    ')
      .trimEnd(),
  );
  return [
    bold(title.join('    ').trimEnd(), options.colour),
    dim(body[0], options.colour),
    ...body.slice(1),
  ].join('\n');
}

/** The key figures of a run in three aligned columns, then its warnings. */
export function summaryTable(summary: RunSummary, options: TerminalOptions): string {
  const rows = summaryRows(summary);
  const labels = Math.max(...rows.map((row) => columns(row.label)));
  const values = Math.max(...rows.filter((row) => row.note !== '').map((row) => columns(row.value)));
  const lines = rows.map(({ label, value, note }) =>
    `${dim(pad(label, labels), options.colour)}  ${bold(note === '' ? value : pad(value, values, 'left'), options.colour)}  ${note}`.trimEnd(),
  );
  return [
    ...lines,
    ...summary.warnings.map((warning) => yellow(`! ${printable(warning)}`, options.colour)),
  ].join('\n');
}
