import * as Plot from '@observablehq/plot';
import { COLOURS, drawFigure, type FigureOptions } from '../figures/figure.ts';
import { fixed, humanNumber, shortLabel } from '../format.ts';
import { mostAndLeast } from '../layers-used.ts';
import type { TokenUsage } from '../types.ts';
import { labels, logTicks, titleOfY } from './labels.ts';

/** Frequent words by the mean number of layers they skip and by how often they occur (paper, Fig. 7). */
export function wordBubbles(
  { usages, layers }: { usages: readonly TokenUsage[]; layers: number },
  options: FigureOptions,
): string {
  const { most, least } = mostAndLeast(usages, options.width < 500 ? 12 : 25);
  const often = Math.max(1, ...usages.map(({ count }) => count));
  const largest = options.width < 500 ? 13 : 20;
  const words = usages.map((usage) => ({
    ...usage,
    skipped: layers - usage.meanLayers,
    radius: Math.max(2, largest * Math.sqrt(usage.count / often)),
    colour: most.includes(usage) ? COLOURS.orange : least.includes(usage) ? COLOURS.blue : COLOURS.reference,
  }));
  const named = [...most, ...least].sort((a, b) => rankOf(a) - rankOf(b));
  /** The ends first, in turns. */
  function rankOf(usage: TokenUsage): number {
    const [deep, shallow] = [most.indexOf(usage), least.indexOf(usage)];
    return deep >= 0 ? deep : shallow + 0.5;
  }
  const pointOf = (word: (typeof words)[number], label: string) => ({
    x: word.skipped,
    y: word.count,
    label,
    radius: label === '' ? 0 : Math.min(word.radius, 8),
  });
  return drawFigure(
    options,
    `${words.length} words by the layers they skip, of ${layers}, and by how often they occur.`,
    [
      { sign: '●', colour: COLOURS.orange, label: 'use most layers' },
      { sign: '●', colour: COLOURS.blue, label: 'skip most' },
    ],
    {
      height: options.width < 500 ? 360 : 440,
      marginTop: 52,
      marginRight: 24,
      inset: 16,
      x: { label: `layers skipped, mean, of ${layers} →`, labelArrow: 'none', nice: true },
      y: {
        type: 'log',
        label: null,
        grid: true,
        ticks: logTicks(
          usages.map(({ count }) => count),
          false,
        ),
        tickFormat: humanNumber,
      },
      r: { type: 'identity' },
      marks: [
        titleOfY('↑ times it occurs'),
        Plot.dot(words, {
          x: 'skipped',
          y: 'count',
          r: 'radius',
          fill: 'colour',
          fillOpacity: 0.45,
          title: ({ token, skipped, count }: { token: string; skipped: number; count: number }) =>
            `${shortLabel(token, 40)}: skips ${fixed(skipped, 2)} of ${layers} layers, ${humanNumber(count)} times`,
        }),
        labels(named.map((usage) => pointOf(words[usages.indexOf(usage)], shortLabel(usage.token, 12)))),
      ],
    },
  );
}
