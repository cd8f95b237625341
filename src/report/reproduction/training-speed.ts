import * as Plot from '@observablehq/plot';
import { COLOURS, drawFigure, type FigureOptions } from '../figures/figure.ts';
import { fixed, humanNumber } from '../format.ts';
import type { ModelRow, RowTiming } from './types.ts';

/** How many times faster than its dense twin each model trains, and how many times fewer FLOPs it runs (paper, Fig. 4). */
export function trainingSpeed(rows: readonly ModelRow[], options: FigureOptions): string {
  const shown = rows.flatMap((row) => {
    const { timing, name, model } = row;
    if (!timing?.twin || model === 'dense') return [];
    return [{ name, speed: timing.trainingTokensPerSecond / timing.twin.trainingTokensPerSecond, timing }];
  });
  const most = Math.max(1, ...shown.flatMap(({ speed, timing }) => [speed, timing.twin!.trainingFlopsRatio]));
  const narrow = options.width < 500;
  return drawFigure(
    options,
    `Training speed of ${shown.length} models, each over that of its dense twin.`,
    [
      { sign: '■', colour: COLOURS.orange, label: 'speed over the dense twin' },
      { sign: '┃', colour: COLOURS.blue, label: 'FLOPs of the twin over its own' },
    ],
    {
      height: 78 + 22 * Math.max(1, shown.length),
      marginLeft: 12 + 6.3 * Math.max(4, ...shown.map(({ name }) => name.length)),
      marginRight: narrow ? 42 : 204,
      x: {
        label: 'times its dense twin',
        domain: [0, 1.05 * most],
        grid: true,
        ticks: narrow ? 4 : 7,
        tickFormat: (times: number) => `${times}×`,
      },
      y: { type: 'band', domain: shown.map(({ name }) => name), label: null, tickSize: 0, padding: 0.25 },
      marks: [
        Plot.barX(shown, { x: 'speed', y: 'name', fill: COLOURS.orange, fillOpacity: 0.85 }),
        Plot.ruleX([1], { stroke: 'currentColor', strokeOpacity: 0.5 }),
        Plot.tickX(shown, {
          x: ({ timing }: { timing: RowTiming }) => timing.twin!.trainingFlopsRatio,
          y: 'name',
          stroke: COLOURS.blue,
          strokeWidth: 3,
        }),
        Plot.text(shown, {
          y: 'name',
          frameAnchor: 'right',
          dx: narrow ? 40 : 202,
          textAnchor: 'end',
          fontVariant: 'tabular-nums',
          text: ({ speed, timing }: { speed: number; timing: RowTiming }) =>
            narrow ? `${fixed(speed, 2)}×` : speedText(speed, timing),
        }),
      ],
    },
  );
}

function speedText(speed: number, { trainingTokensPerSecond, twin }: RowTiming): string {
  return (
    `${fixed(speed, 2)}×  ${humanNumber(trainingTokensPerSecond)} tokens/s, ` +
    `twin ${humanNumber(twin!.trainingTokensPerSecond)}`
  );
}
