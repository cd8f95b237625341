import * as Plot from '@observablehq/plot';
import { fixed, humanNumber, shortLabel } from '../format.ts';
import { mostAndLeast } from '../layers-used.ts';
import type { TokenUsage } from '../types.ts';
import { COLOURS, drawFigure, type FigureOptions } from './figure.ts';

export interface WordUsageData {
  usages: readonly TokenUsage[];
  /** Number of layers of the model: the end of the scale. */
  layers: number;
  /** How many to show at each end (default 10). */
  count?: number;
}

/** The characters or words that use most layers, and below them those that use fewest. */
export function wordUsage(data: WordUsageData, options: FigureOptions): string {
  const { most, least } = mostAndLeast(data.usages, data.count ?? 10);
  const shown = [
    ...most.map((usage) => ({ ...usage, colour: COLOURS.orange })),
    ...least.reverse().map((usage) => ({ ...usage, colour: COLOURS.blue })),
  ].map((usage, row) => ({ ...usage, row: row < most.length ? row : row + 1 }));
  const at = { y: 'row', x: 'meanLayers' };
  const rows = shown.length + 1;
  const labelled = new Map(shown.map(({ row, token }) => [row, shortLabel(token, 12)]));
  return drawFigure(
    options,
    `Mean layers used: the ${most.length} tokens that use most and the ${least.length} that use fewest, of ${data.layers}.`,
    [
      { sign: '●', colour: COLOURS.orange, label: 'use most layers' },
      { sign: '●', colour: COLOURS.blue, label: 'skip most' },
    ],
    {
      height: 72 + 18 * rows,
      marginLeft: 24 + 8 * Math.max(2, ...[...labelled.values()].map((label) => label.length)),
      marginRight: 44,
      x: { domain: [0, Math.max(1, data.layers)], label: 'layers used, mean', grid: true },
      y: {
        type: 'point',
        domain: Array.from({ length: rows }, (_, row) => row),
        label: null,
        tickSize: 0,
        tickFormat: (row: number) => labelled.get(row) ?? '',
      },
      marks: [
        Plot.ruleY(shown, {
          y: 'row',
          x1: 0,
          x2: 'meanLayers',
          stroke: 'colour',
          strokeOpacity: 0.45,
          strokeWidth: 2,
        }),
        Plot.dot(shown, {
          ...at,
          fill: 'colour',
          r: 4.5,
          title: ({ token, meanLayers, count }: TokenUsage) =>
            `${shortLabel(token, 40)}: ${fixed(meanLayers, 2)} of ${data.layers} layers, ${humanNumber(count)} times`,
        }),
        Plot.text(shown, {
          ...at,
          text: ({ meanLayers }: TokenUsage) => fixed(meanLayers, 2),
          dx: 10,
          textAnchor: 'start',
          fontVariant: 'tabular-nums',
        }),
      ],
    },
  );
}
