import * as Plot from '@observablehq/plot';
import { drawFigure, type FigureOptions } from '../figures/figure.ts';
import { fixed, humanNumber } from '../format.ts';
import { intervalDomain, intervalEnds } from './interval-domain.ts';
import { labels, logTicks, titleOfY } from './labels.ts';
import { isOpen, type ModelMark, markOf, marksOf } from './model-marks.ts';
import type { Estimate, ModelRow } from './types.ts';

/** A row of the table as a mark: where it stands, and its seeds. */
interface Point {
  row: ModelRow;
  x: number;
  y: Estimate;
  dots: { x: number; y: number }[];
}

/** Drawn over all others, the last on top, and kept clear of labels. */
const FOREMOST: readonly string[] = ['dense', 'random', 'learned-a', 'learned-b'];
/** A model is near the dense ones where its loss is behind the worst of them by no more than so many times their spread. */
const NEAR = 1.2;

/** What the axes show. */
interface Axes {
  /** The whole figure in words. */
  about: string;
  x: { label: string; format: (value: number) => string };
  y: { label: string; format: (value: number) => string; exact: (value: number) => string };
  /** Where guessing stands. */
  floor?: number;
  /** Models that have labels beside dense ones. */
  labelled?: readonly string[];
}

const FLOPS = { label: 'FLOPs per token →', format: humanNumber };
const LOSS = {
  label: '↓ held-out loss, nats per token',
  format: (value: number) => fixed(value, 2),
  exact: (value: number) => fixed(value),
};
const POINTS = {
  label: '↑ hop-24, points above chance',
  format: (value: number) => fixed(100 * value, 0),
  exact: (value: number) => fixed(100 * value, 1),
};

/** Held-out loss over executed FLOPs per token: models as marks, seeds as faint dots, dense models along a line. */
export function lossOverFlops(rows: readonly ModelRow[], options: FigureOptions): string {
  const about = 'Held-out loss of every model over the FLOPs it runs per token.';
  return draw(rows.map(lossPoint), { about, x: FLOPS, y: LOSS }, options);
}

/** The same of the models that are near the dense ones. */
export function lossNearDense(rows: readonly ModelRow[], options: FigureOptions): string {
  const about = 'Held-out loss over the FLOPs per token, of the models that come near the dense ones.';
  const labelled = ['always-on', 'always-on-a', 'always-on-depths'];
  return draw(nearDense(rows).map(lossPoint), { about, x: FLOPS, y: LOSS, labelled }, options);
}

/** The rows, dense ones among them, whose loss is near that of dense models. */
export function nearDense(rows: readonly ModelRow[]): ModelRow[] {
  const dense = rows.filter(({ model }) => model === 'dense').map(({ loss }) => loss.mean);
  const [best, worst] = [Math.min(...dense), Math.max(...dense)];
  return rows.filter(({ loss }) => loss.mean <= worst + NEAR * (worst - best));
}

function lossPoint(row: ModelRow): Point {
  const dots = row.seeds.map(({ flopsPerToken, loss }) => ({ x: flopsPerToken, y: loss }));
  return { row, x: row.flopsPerToken.mean, y: row.loss, dots };
}

/** Points above chance on hop-24 over executed FLOPs per token. */
export function scoreOverFlops(rows: readonly ModelRow[], options: FigureOptions): string {
  return draw(
    rows.flatMap((row) =>
      row.points === null
        ? []
        : [
            {
              row,
              x: row.taskFlopsPerToken,
              y: row.points,
              dots: row.seeds.map(({ taskFlopsPerToken, points }) => ({ x: taskFlopsPerToken, y: points })),
            },
          ],
    ),
    {
      about: 'Score of every model on hop-24 over the FLOPs it runs per token.',
      x: FLOPS,
      y: POINTS,
      floor: 0,
    },
    options,
  );
}

/** Held-out loss over the measured time that a token takes in cached decoding. */
export function lossOverDecodeTime(rows: readonly ModelRow[], options: FigureOptions): string {
  return draw(
    rows.flatMap((row) => {
      if (row.timing === null) return [];
      const x = 1000 * row.timing.decodeSecondsPerToken;
      return [{ row, x, y: row.loss, dots: row.seeds.map(({ loss }) => ({ x, y: loss })) }];
    }),
    {
      about: 'Held-out loss of every model over the time it takes to decode a token.',
      x: { label: 'decoding, milliseconds per token →', format: String },
      y: LOSS,
    },
    options,
  );
}

function draw(
  points: readonly Point[],
  { about, x, y, floor, labelled = ['learned-b'] }: Axes,
  options: FigureOptions,
): string {
  const foremost = [...FOREMOST.filter((model) => !labelled.includes(model)), ...labelled];
  const drawn = points
    .filter((point) => point.x > 0 && Number.isFinite(point.y.mean))
    .map((point) => ({ ...point, ...markOf(point.row.model), mean: point.y.mean }))
    .sort((a, b) => foremost.indexOf(a.row.model) - foremost.indexOf(b.row.model));
  const dense = drawn.filter(({ row }) => row.model === 'dense').sort((a, b) => a.x - b.x);
  const dots = drawn.flatMap(({ dots, colour }) => dots.map((dot) => ({ ...dot, colour })));
  const intervals = drawn.filter((point) => Number.isFinite(point.y.half));
  const extent = drawn.flatMap((point) => [point.x, ...point.dots.map((dot) => dot.x)]);
  const range = intervalDomain(
    drawn.map((point) => point.y),
    [...drawn.flatMap((point) => point.dots.map((dot) => dot.y)), ...(floor === undefined ? [] : [floor])],
  );
  const ends = [Math.min(...extent) / 1.08, Math.max(...extent) * 1.08];
  return drawFigure(options, about, marksOf(drawn.map(({ row }) => row.model)), {
    height: options.width < 500 ? 320 : 400,
    marginTop: 52,
    marginRight: 24,
    x: {
      type: 'log',
      label: x.label,
      labelArrow: 'none',
      ticks: logTicks(ends, options.width >= 500),
      tickFormat: x.format,
      ...(drawn.length > 0 ? { domain: ends } : {}),
    },
    y: { label: null, grid: true, domain: range, ticks: 6, tickFormat: y.format },
    marks: [
      titleOfY(y.label),
      floor === undefined ? [] : Plot.ruleY([floor], { stroke: 'currentColor', strokeOpacity: 0.4 }),
      Plot.lineY(dense, { x: 'x', y: 'mean', stroke: 'currentColor', strokeOpacity: 0.55, strokeWidth: 1.5 }),
      Plot.dot(dots, { x: 'x', y: 'y', r: 2, fill: 'colour', fillOpacity: 0.4 }),
      Plot.ruleX(intervals, {
        x: 'x',
        y1: (point: Point) => intervalEnds(point.y, range)[0],
        y2: (point: Point) => intervalEnds(point.y, range)[1],
        stroke: 'colour',
        strokeOpacity: 0.6,
        strokeWidth: 1.5,
      }),
      Plot.dot(drawn, {
        x: 'x',
        y: 'mean',
        r: 4.5,
        symbol: 'symbol',
        fill: (mark: ModelMark) => (isOpen(mark) ? 'none' : mark.colour),
        stroke: (mark: ModelMark) => (isOpen(mark) ? mark.colour : 'none'),
        strokeWidth: 2,
        title: ({ row, x: at, y: { mean, half } }: Point) =>
          `${row.name}: ${y.exact(mean)} ± ${y.exact(half)} at ${x.format(+at.toPrecision(3))}`,
      }),
      labels(
        [...drawn]
          .reverse()
          .filter(({ row }) => foremost.includes(row.model))
          .map(({ row, x: at, mean, y: estimate }) => ({
            x: at,
            y: mean,
            label: row.model === 'dense' || labelled.includes(row.model) ? labelOf(row) : '',
            radius: 5,
            bar: Number.isFinite(estimate.half) ? intervalEnds(estimate, range) : undefined,
          })),
      ),
    ],
  });
}

/** What stands beside a mark: layers, and the density if there is one. */
function labelOf({ model, name }: ModelRow): string {
  return name.slice(model.length + 1).replace(/^\((\d+)\)$/, '$1');
}
