import { fixed } from '../format.ts';
import type { CurvePoint } from '../types.ts';
import { drawCurves } from './curve.ts';
import { COLOURS, type FigureOptions } from './figure.ts';

export interface LossCurveData {
  curve: readonly CurvePoint[];
  /** What a bigram model reaches, in nats per token: a dashed line to get below. */
  bigramLoss?: number;
}

/** Training and held-out loss over the steps, in nats per token. */
export function lossCurve({ curve, bigramLoss }: LossCurveData, options: FigureOptions): string {
  const train = curve.map(({ step, trainLoss }) => ({ step, value: trainLoss }));
  const validation = curve.map(({ step, valLoss }) => ({ step, value: valLoss }));
  return drawCurves(
    options,
    `Training loss over the steps, in nats per token; at the end ${fixed(train.at(-1)?.value)}.`,
    [
      { label: 'training', colour: COLOURS.blue, points: train },
      { label: 'held out', colour: COLOURS.red, points: validation, dots: true },
    ],
    { label: 'bigram entropy', value: bigramLoss },
    // Before the first step the dashed line is all there is, and one number makes no axis.
    { nice: true, ticks: 6, ...(curve.length === 0 && bigramLoss && { domain: [0, bigramLoss] }) },
  );
}
