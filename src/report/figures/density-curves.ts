import { percent } from '../format.ts';
import type { CurvePoint } from '../types.ts';
import { drawCurves } from './curve.ts';
import type { FigureOptions } from './figure.ts';

export interface DensityData {
  curve: readonly CurvePoint[];
  /** P of the paper: the share of layers each token should run. */
  densityTarget: number;
}

/** The share of layers that run, over the steps: each layer's as sampled, their mean, the argmax's, and the target. */
export function densityCurves({ curve, densityTarget }: DensityData, options: FigureOptions): string {
  const layers = curve.reduce((most, point) => Math.max(most, point.densityPerLayer.length), 0);
  const perLayer = Array.from({ length: layers }, (_, layer) => ({
    label: layer + 1 < layers ? undefined : layers > 1 ? `layers 1 to ${layers}` : 'layer 1',
    colour: layerColour(layer, layers),
    points: curve.map(({ step, densityPerLayer }) => ({ step, value: densityPerLayer[layer] })),
  }));
  const sampled = curve.map(({ step, densitySampled }) => ({ step, value: densitySampled }));
  const argmax = curve.map(({ step, densityArgmax }) => ({ step, value: densityArgmax }));
  return drawCurves(
    options,
    `Share of layers that run, over the steps; sampled ${percent(sampled.at(-1)?.value)} at the end, ` +
      `target ${percent(densityTarget)}.`,
    [
      ...perLayer,
      { label: 'mean', colour: 'currentColor', points: sampled },
      { label: 'argmax', colour: 'currentColor', points: argmax, dots: true },
    ],
    { label: 'target', value: densityTarget },
    { domain: [0, 1], ticks: 5, tickFormat: (share: number) => percent(share, 0) },
  );
}

/** Blue for the first layer, through violet, to orange for the last: told apart on light and dark paper. */
function layerColour(layer: number, layers: number): string {
  const share = layers > 1 ? layer / (layers - 1) : 0;
  return `hsl(${Math.round(215 + 175 * share) % 360}, 65%, 55%)`;
}
