import { fixed, humanDuration, humanNumber, percent } from './format.ts';
import type { RunSummary } from './types.ts';

/** One key figure: what it is, its value, and what to hold it against. */
export interface SummaryRow {
  label: string;
  value: string;
  note: string;
}

/** Nats per character as bits per character. */
export function natsToBits(nats: number): number {
  return nats / Math.LN2;
}

/** The key figures of a run, the same in the terminal and on the page. */
export function summaryRows(summary: RunSummary): SummaryRow[] {
  const bigramBits = natsToBits(summary.bigramLoss);
  const gain = bigramBits - summary.bitsPerCharacter;
  return [
    { label: 'held-out loss', value: fixed(summary.valLoss), note: 'nats per token' },
    {
      label: 'bits per character',
      value: fixed(summary.bitsPerCharacter),
      note: `${fixed(Math.abs(gain))} ${gain >= 0 ? 'below' : 'above'} the bigram entropy of ${fixed(bigramBits)}`,
    },
    { label: 'training loss', value: fixed(summary.trainLoss), note: 'nats per token, last step' },
    {
      label: 'FLOPs per token',
      value: humanNumber(summary.flopsPerToken),
      note: `${percent(summary.flopsPerToken / summary.denseFlopsPerToken)} of ${humanNumber(summary.denseFlopsPerToken)} with every layer on`,
    },
    {
      label: 'density, argmax',
      value: percent(summary.densityArgmax),
      note: perLayerNote(summary.densityArgmaxPerLayer),
    },
    { label: 'density, sampled', value: percent(summary.densitySampled), note: 'in training' },
    {
      label: 'density, target',
      value: percent(summary.densityTarget),
      note: 'share of layers a token should run',
    },
    { label: 'parameters', value: humanNumber(summary.parameters), note: '' },
    {
      label: 'speed',
      value: humanNumber(summary.tokensPerSecond),
      note: `tokens per second on ${summary.device}`,
    },
    { label: 'steps', value: String(summary.steps), note: `in ${humanDuration(summary.seconds)}` },
    { label: 'run folder', value: summary.runDir, note: '' },
  ];
}

function perLayerNote(densities: readonly number[]): string {
  if (densities.length === 0) return 'held out';
  if (densities.length <= 12) {
    return `layer 1 to ${densities.length}: ${densities.map((density) => percent(density, 0)).join(' ')}`;
  }
  return `from ${percent(Math.min(...densities), 0)} to ${percent(Math.max(...densities), 0)} over ${densities.length} layers`;
}
