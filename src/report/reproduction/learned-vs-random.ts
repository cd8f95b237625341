import * as Plot from '@observablehq/plot';
import { drawFigure, type FigureOptions } from '../figures/figure.ts';
import { fixed, percent } from '../format.ts';
import { intervalDomain, intervalEnds } from './interval-domain.ts';
import { titleOfY } from './labels.ts';
import { markOf, marksOf } from './model-marks.ts';
import type { ModelRow } from './types.ts';

/** The loss of the learned gate and of the random one over the density, for as many layers as have most densities (paper, Fig. 6). */
export function learnedVsRandom(rows: readonly ModelRow[], options: FigureOptions): string {
  const gates = rows.filter(({ model, density }) => ['learned-b', 'random'].includes(model) && density < 1);
  const count = (layers: number): number => gates.filter((row) => row.layers === layers).length;
  const layers = gates.map((row) => row.layers).sort((a, b) => count(b) - count(a) || a - b)[0];
  const shown = gates
    .filter((row) => row.layers === layers)
    .sort((a, b) => a.density - b.density)
    .map((row) => ({
      ...markOf(row.model),
      ...row,
      mean: row.loss.mean,
    }));
  const dense = shown
    .filter(({ model, denseLoss }) => model === 'learned-b' && denseLoss !== null)
    .map(({ density, denseLoss }) => ({ density, mean: denseLoss!.mean }));
  const dots = shown.flatMap(({ density, colour, seeds }) =>
    seeds.map(({ loss }) => ({ density, colour, loss })),
  );
  const densities = [...new Set(shown.map(({ density }) => density))];
  const range = intervalDomain(
    shown.map(({ loss }) => loss),
    [...dots.map(({ loss }) => loss), ...dense.map(({ mean }) => mean)],
  );
  return drawFigure(
    options,
    `Held-out loss of learned and random gates over the density, ${layers ?? 0} layers.`,
    [
      ...marksOf(shown.map(({ model }) => model)),
      ...(dense.length > 0
        ? [{ sign: '– –', colour: 'currentColor', label: 'dense, same FLOPs as learned' }]
        : []),
    ],
    {
      height: 320,
      marginTop: 52,
      marginRight: 24,
      x: {
        label: `density, ${layers ?? 0} layers →`,
        labelArrow: 'none',
        domain: [0, Math.max(0, ...densities) + 0.05],
        ticks: densities,
        tickFormat: (density: number) =>
          percent(density, density * 100 === Math.round(density * 100) ? 0 : 1),
      },
      y: { label: null, grid: true, domain: range, ticks: 6 },
      marks: [
        titleOfY('↓ held-out loss, nats per token'),
        Plot.lineY(dense, {
          x: 'density',
          y: 'mean',
          stroke: 'currentColor',
          strokeDasharray: '5 4',
          strokeWidth: 1.5,
        }),
        Plot.lineY(shown, { x: 'density', y: 'mean', z: 'model', stroke: 'colour', strokeWidth: 2 }),
        Plot.dot(dots, { x: 'density', y: 'loss', r: 2, fill: 'colour', fillOpacity: 0.45 }),
        Plot.ruleX(
          shown.filter(({ loss }) => Number.isFinite(loss.half)),
          {
            x: 'density',
            y1: ({ loss }: ModelRow) => intervalEnds(loss, range)[0],
            y2: ({ loss }: ModelRow) => intervalEnds(loss, range)[1],
            stroke: 'colour',
            strokeWidth: 1.5,
            strokeOpacity: 0.6,
          },
        ),
        Plot.dot(shown, {
          x: 'density',
          y: 'mean',
          r: 4.5,
          symbol: 'symbol',
          stroke: 'colour',
          strokeWidth: 2,
          title: ({ name, mean }: { name: string; mean: number }) => `${name}: ${fixed(mean)}`,
        }),
      ],
    },
  );
}
