import type * as Plot from '@observablehq/plot';
import { COLOURS } from '../figures/figure.ts';

/** How a model is drawn: told apart by shape as well as by colour. */
export interface ModelMark {
  colour: string;
  symbol: Plot.SymbolType;
  /** The symbol in a legend. */
  sign: string;
  /** Name in a legend. */
  label: string;
}

const OTHERS: ModelMark = { colour: '#8a6fc0', symbol: 'hexagon', sign: '⬢', label: 'others' };

const MARKS: Readonly<Record<string, ModelMark>> = {
  dense: { colour: 'currentColor', symbol: 'square', sign: '■', label: 'dense' },
  'learned-b': { colour: COLOURS.orange, symbol: 'circle', sign: '●', label: 'learned-b' },
  'learned-a': { colour: COLOURS.blue, symbol: 'triangle', sign: '▲', label: 'learned-a' },
  random: { colour: COLOURS.reference, symbol: 'times', sign: '✕', label: 'random' },
  'always-on': { colour: COLOURS.orange, symbol: 'diamond', sign: '◆', label: 'always-on' },
  'always-on-a': { colour: '#2a9d6f', symbol: 'triangle', sign: '▲', label: 'always-on-a' },
  'always-on-depths': { colour: COLOURS.red, symbol: 'star', sign: '★', label: 'always-on-depths' },
  'always-on-random': { colour: COLOURS.reference, symbol: 'plus', sign: '+', label: 'always-on-random' },
  'always-on-chance': { colour: COLOURS.red, symbol: 'plus', sign: '+', label: 'always-on-chance' },
};

/** Drawn by its lines, not filled. */
export function isOpen({ symbol }: ModelMark): boolean {
  return symbol === 'times' || symbol === 'plus';
}

/** The mark of a model; all but the most important share one. */
export function markOf(model: string): ModelMark {
  return MARKS[model] ?? OTHERS;
}

/** The marks of some models, each once. */
export function marksOf(models: readonly string[]): ModelMark[] {
  return [...new Set(models.map(markOf))].sort((a, b) => Number(a === OTHERS) - Number(b === OTHERS));
}
