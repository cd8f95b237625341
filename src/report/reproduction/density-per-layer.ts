import * as Plot from '@observablehq/plot';
import { COLOURS, drawFigure, type FigureOptions } from '../figures/figure.ts';
import { percent } from '../format.ts';
import type { ModelRow } from './types.ts';

/** Of each room for a model, in pixels: its name above, its layers below. */
const ROOM = 88;
const NAME = 34;

/** Which share of tokens runs each layer: models below one another, from the first layer at the left to the last. */
export function densityPerLayer(rows: readonly ModelRow[], options: FigureOptions): string {
  const shown = rows.filter((row) => row.densityPerLayer.length > 0);
  const bars = shown.flatMap(({ name, densityPerLayer: shares }) =>
    shares.map((share, layer) => ({
      name,
      share,
      layer: layer + 1,
      from: (layer + 0.08) / shares.length,
      to: (layer + 0.92) / shares.length,
    })),
  );
  const below = { fy: 'name', dy: 16 };
  return drawFigure(
    options,
    `Share of tokens that run each layer, for ${shown.length} models.`,
    [
      { sign: '■', colour: COLOURS.orange, label: 'tokens that run the layer' },
      { sign: '– –', colour: 'currentColor', label: 'target' },
    ],
    {
      height: 76 + ROOM * Math.max(1, shown.length),
      marginRight: 16,
      x: { domain: [0, 1], axis: null },
      y: {
        domain: [0, 1],
        ticks: [0, 0.5, 1],
        grid: true,
        label: null,
        tickFormat: (share: number) => percent(share, 0),
      },
      fy: {
        domain: shown.map(({ name }) => name),
        axis: null,
        paddingInner: NAME / ROOM,
        paddingOuter: NAME / ROOM,
      },
      marks: [
        Plot.rectY(bars, {
          fy: 'name',
          x1: 'from',
          x2: 'to',
          y1: 0,
          y2: 'share',
          fill: COLOURS.orange,
          title: ({ name, layer, share }: (typeof bars)[number]) =>
            `${name}, layer ${layer}: ${percent(share)}`,
        }),
        Plot.ruleY(shown, { fy: 'name', y: 'density', stroke: 'currentColor', strokeDasharray: '4 4' }),
        Plot.text(shown, { fy: 'name', text: 'name', frameAnchor: 'top-left', dy: -15 }),
        Plot.text(shown.slice(-1), { ...below, text: ['first layer'], frameAnchor: 'bottom-left' }),
        Plot.text(shown.slice(-1), { ...below, text: ['last layer'], frameAnchor: 'bottom-right' }),
      ],
    },
  );
}
