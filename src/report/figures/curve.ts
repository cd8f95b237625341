import * as Plot from '@observablehq/plot';
import { COLOURS, drawFigure, type FigureOptions, type LegendItem } from './figure.ts';

/** A value at a training step. Values that are missing or not finite are left out of the drawing. */
export interface SeriesPoint {
  step: number;
  value?: number;
}

/** One line of a curve figure. */
export interface Series {
  /** Name in the legend; a series without one shares the name of the next that has one. */
  label?: string;
  colour: string;
  points: readonly SeriesPoint[];
  /** Few and exact values, drawn as dots; all others are drawn as a line, smoothed a little where it is long. */
  dots?: boolean;
}

/**
 * Draws series over the training steps, with a dashed line at the value to compare them with.
 *
 * @param x the horizontal scale: says so if `step` stands for something else, such as the work done so far
 */
export function drawCurves(
  options: FigureOptions,
  label: string,
  series: readonly Series[],
  reference: { label: string; value?: number },
  y: Plot.ScaleOptions,
  x: Plot.ScaleOptions = { label: 'step' },
): string {
  const drawn = series
    .map((entry) => ({ ...entry, points: entry.points.filter(({ value }) => Number.isFinite(value)) }))
    .filter(({ points }) => points.length > 0);
  const rule = Number.isFinite(reference.value) ? [reference.value] : [];
  const legend: LegendItem[] = drawn.map((entry) => ({ ...entry, sign: signOf(entry) }));
  if (rule.length > 0) legend.push({ sign: '– –', colour: COLOURS.reference, label: reference.label });
  return drawFigure(options, label, legend, {
    height: 280,
    x,
    y: { label: null, grid: true, ...y },
    marks: [
      Plot.ruleY(rule, { stroke: COLOURS.reference, strokeDasharray: '5 4', strokeWidth: 1.5 }),
      drawn.map((entry) => marksOf(entry, options.width)),
    ],
  });
}

function signOf({ dots, label }: Series): string {
  if (dots) return '●';
  return label === undefined ? '━' : '━━';
}

function marksOf({ points, colour, dots }: Series, width: number): Plot.Markish {
  const channels = { x: 'step', y: 'value', stroke: colour };
  if (dots) return Plot.dot(points, { ...channels, fill: colour, r: 16 * points.length > width ? 2 : 3 });
  const marker = points.length === 1 ? 'dot' : 'none';
  return Plot.lineY(smooth(thin(points, 300)), { ...channels, strokeWidth: 1.75, marker });
}

/** Running means of a curve of 40 points or more, over fewer neighbours towards the ends, which stay as they are. */
function smooth(points: readonly SeriesPoint[]): readonly SeriesPoint[] {
  const reach = points.length < 40 ? 0 : Math.round(points.length / 100);
  return points.map(({ step }, i) => {
    const near = Math.min(reach, i, points.length - 1 - i);
    const window = points.slice(i - near, i + near + 1);
    return { step, value: window.reduce((sum, { value = 0 }) => sum + value, 0) / window.length };
  });
}

/** About `count` points of a curve, evenly spaced, the first and the last among them. */
export function thin<T>(points: readonly T[], count: number): T[] {
  const stride = Math.max(1, Math.ceil(points.length / count));
  return points.filter((_, i) => i === 0 || (points.length - 1 - i) % stride === 0);
}
