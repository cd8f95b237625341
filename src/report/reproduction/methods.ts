import * as Plot from '@observablehq/plot';
import { COLOURS, drawFigure, type FigureOptions } from '../figures/figure.ts';
import { fixed } from '../format.ts';
import { intervalDomain, intervalEnds } from './interval-domain.ts';
import { markOf } from './model-marks.ts';
import type { ModelRow } from './types.ts';

/** The held-out loss of all models of one effective depth, best first, each beside what a dense model of its FLOPs reaches (paper, Fig. 5). */
export function methods(rows: readonly ModelRow[], options: FigureOptions): string {
  const depth = commonDepth(rows);
  const shown = rows
    .filter(
      (row) =>
        effectiveDepth(row) === depth || rows.every(({ model }) => row.model !== model || row.name === model),
    )
    .sort((a, b) => a.loss.mean - b.loss.mean)
    .map((row) => ({
      ...markOf(row.model),
      name: row.name,
      mean: row.loss.mean,
      loss: row.loss,
      dense: row.denseLoss?.mean,
      seeds: row.seeds,
    }));
  const dots = shown.flatMap(({ name, colour, seeds }) => seeds.map(({ loss }) => ({ name, colour, loss })));
  const range = intervalDomain(
    shown.map(({ loss }) => loss),
    [...dots.map(({ loss }) => loss), ...shown.flatMap(({ dense }) => dense ?? [])],
  );
  return drawFigure(
    options,
    `Held-out loss of ${shown.length} models of effective depth ${depth}, best first.`,
    [
      { sign: '●', colour: 'currentColor', label: 'mean, 95% interval, seeds' },
      { sign: '┃', colour: COLOURS.reference, label: 'dense model of the same FLOPs' },
    ],
    {
      height: 78 + 22 * Math.max(1, shown.length),
      marginLeft: 12 + 6.3 * Math.max(4, ...shown.map(({ name }) => name.length)),
      marginRight: 16,
      x: {
        label: 'held-out loss, nats per token',
        grid: true,
        domain: range,
        ticks: options.width < 500 ? 4 : 7,
      },
      y: { type: 'band', domain: shown.map(({ name }) => name), label: null, tickSize: 0 },
      marks: [
        Plot.tickX(
          shown.filter(({ dense }) => dense !== undefined),
          { x: 'dense', y: 'name', stroke: COLOURS.reference, strokeWidth: 2.5, inset: 3 },
        ),
        Plot.ruleY(
          shown.filter(({ loss }) => Number.isFinite(loss.half)),
          {
            x1: ({ loss }: ModelRow) => intervalEnds(loss, range)[0],
            x2: ({ loss }: ModelRow) => intervalEnds(loss, range)[1],
            y: 'name',
            stroke: 'colour',
            strokeWidth: 2,
            strokeOpacity: 0.6,
          },
        ),
        Plot.dot(dots, { x: 'loss', y: 'name', r: 2, fill: 'colour', fillOpacity: 0.45 }),
        Plot.dot(shown, {
          x: 'mean',
          y: 'name',
          r: 4.5,
          fill: 'colour',
          title: ({ name, mean }: { name: string; mean: number }) => `${name}: ${fixed(mean)}`,
        }),
      ],
    },
  );
}

/** P · L; for what skips nothing, its layers. */
function effectiveDepth({ layers, density }: ModelRow): number {
  return layers * density;
}

/** The effective depth that most models have. */
function commonDepth(rows: readonly ModelRow[]): number {
  const count = (depth: number): number => rows.filter((row) => effectiveDepth(row) === depth).length;
  return Math.max(
    0,
    ...rows
      .map(effectiveDepth)
      .sort((a, b) => count(b) - count(a) || a - b)
      .slice(0, 1),
  );
}
