/** The figures of the pages that train: the report's own, and those of two runs on common axes. */
import type { SkipMap } from '../../../../../src/index.ts';
import { drawCurves, type Series, type SeriesPoint } from '../../../../../src/report/figures/curve.ts';
import { COLOURS, type FigureOptions } from '../../../../../src/report/figures/figure.ts';
import { fixed, humanNumber, percent } from '../../../../../src/report/format.ts';
import type { Point } from './protocol.ts';

/** The colours of run A and run B, in every figure and beside their names. */
export const SIDES = [
  { letter: 'A', colour: COLOURS.blue },
  { letter: 'B', colour: COLOURS.orange },
] as const;

export type Over = 'step' | 'flops';

/** Share of a curve that is left out of a comparison at its start, where all fall alike and fast. */
const LEFT_OUT = 0.05;
const LONG = 100;

/** Training and held-out loss of two runs, over the steps or over the forward FLOPs that they have executed. */
export function lossOfTwo(runs: readonly (readonly Point[])[], over: Over, options: FigureOptions): string {
  const at = ({ step, totalFlops }: Point): number => (over === 'step' ? step : totalFlops);
  const series = runs.flatMap((points, side): Series[] => {
    const { letter, colour } = SIDES[side];
    const shown = points.slice(leftOut(points));
    const pick = (value: (point: Point) => number | undefined): SeriesPoint[] =>
      shown.map((point) => ({ step: at(point), value: value(point) }));
    return [
      { label: `${letter} training`, colour, points: pick(({ trainLoss }) => trainLoss) },
      { label: `${letter} held out`, colour, points: pick(({ valLoss }) => valLoss), dots: true },
    ];
  });
  const ends = runs.map((points, side) => `${SIDES[side].letter} ${fixed(lastHeldOut(points))}`).join(', ');
  const overWhat = over === 'step' ? 'the steps' : 'the operations executed';
  return drawCurves(
    options,
    `Loss of both runs over ${overWhat}, in nats per character; held out at the end: ${ends}.`,
    series,
    { label: '' },
    { nice: true, ticks: 6 },
    over === 'step'
      ? { label: 'step' }
      : { label: 'FLOPs executed, forward', ticks: 5, tickFormat: (flops: number) => humanNumber(flops) },
  );
}

function leftOut({ length }: readonly Point[]): number {
  return length > LONG ? Math.round(length * LEFT_OUT) : 0;
}

/** Mean density of two runs, as sampled and on held-out text. */
export function densityOfTwo(
  runs: readonly (readonly Point[])[],
  target: number | undefined,
  options: FigureOptions,
): string {
  const series = runs.flatMap((points, side): Series[] => {
    const { letter, colour } = SIDES[side];
    return [
      {
        label: `${letter} sampled`,
        colour,
        points: points.map(({ step, densitySampled }) => ({ step, value: densitySampled })),
      },
      {
        label: `${letter} held out`,
        colour,
        points: points.map(({ step, densityArgmax }) => ({ step, value: densityArgmax })),
        dots: true,
      },
    ];
  });
  const ends = runs.map((points, side) => `${SIDES[side].letter} ${percent(points.at(-1)?.densitySampled)}`);
  return drawCurves(
    options,
    `Share of layers that run in both runs, over the steps; at the end ${ends.join(', ')}.`,
    series,
    { label: 'target', value: target },
    { domain: [0, 1], ticks: 5, tickFormat: (share: number) => percent(share, 0) },
  );
}

/** By how much B's held-out loss is above A's, wherever both were measured after as many steps. */
export function differenceOfTwo(runs: readonly (readonly Point[])[], options: FigureOptions): string {
  const [a, b] = runs.map((points) =>
    points.slice(leftOut(points)).filter(({ valLoss }) => valLoss !== undefined),
  );
  const lossOfA = new Map(a?.map(({ step, valLoss }) => [step, valLoss!]));
  const points = (b ?? []).flatMap(({ step, valLoss }) =>
    lossOfA.has(step) ? [{ step, value: valLoss! - lossOfA.get(step)! }] : [],
  );
  const end = points.at(-1)?.value;
  return drawCurves(
    options,
    `Held-out loss of B less that of A, over the steps, in nats per character; at the end ${fixed(end)}.`,
    [
      { colour: COLOURS.reference, points },
      { label: 'B − A, held out', colour: 'currentColor', points, dots: true },
    ],
    { label: 'above: A is better', value: 0 },
    { nice: true, ticks: 5, zero: true },
  );
}

/** The last held-out loss there is. */
export function lastHeldOut(points: readonly Point[]): number | undefined {
  return points.findLast(({ valLoss }) => valLoss !== undefined)?.valLoss;
}

/** Training speed over the last steps, in tokens per second: all their tokens over all their time. */
export function speedOf(points: readonly Point[]): number {
  const last = points.slice(-50);
  return last.length / last.reduce((seconds, { tokensPerSecond }) => seconds + 1 / tokensPerSecond, 0);
}

/**
 * The share of decisions in which two maps of the same text agree, and what two routers of these densities would agree in
 * by chance; null where the maps have not the same layers and tokens.
 */
export function agreement(a: SkipMap, b: SkipMap): { share: number; byChance: number } | null {
  const layers = a.active.length;
  const tokens = a.tokens.length;
  if (layers === 0 || tokens === 0 || layers !== b.active.length) return null;
  if (a.tokens.join('') !== b.tokens.join('')) return null;
  let same = 0;
  let byChance = 0;
  for (let layer = 0; layer < layers; layer++) {
    const [rowA, rowB] = [a.active[layer], b.active[layer]];
    same += rowA.filter((ran, token) => ran === rowB[token]).length;
    const [p, q] = [rowA, rowB].map((row) => row.filter(Boolean).length / tokens);
    byChance += p * q + (1 - p) * (1 - q);
  }
  return { share: same / (layers * tokens), byChance: byChance / layers };
}
