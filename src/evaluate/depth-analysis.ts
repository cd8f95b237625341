/**
 * What decides how many layers a token runs: kinds of tokens, words (the paper's Fig. 7) and, beyond the paper, whether
 * tokens after which the text is hard to predict get more of them.
 *
 * Everywhere here a token's *layers* are those that ran for it, and its *loss* is that of saying the token that follows it,
 * from the state that these layers have made of it: −log p, in nats. (So the loss of a character itself belongs to the
 * layers of the one before it: these were spent on predicting it.)
 */
import type { Tokenizer } from '../data/tokenizer.ts';
import type { SkipTransformer } from '../model/skip-transformer.ts';
import type { TokenUsage } from '../report/types.ts';
import { mean } from './evaluate.ts';
import { layersOf, readText, usagePer, wordUsage } from './skip-map.ts';
import { spearman } from './spearman.ts';

export interface DepthAnalysis {
  /** Tokens that were read. */
  tokens: number;
  /** Mean layers per kind of token (lower-case letters, capitals, digits, …; word beginnings, continuations, …). */
  kinds: TokenUsage[];
  /** Mean layers per word (over its tokens): the most frequent, at most 300. */
  words: TokenUsage[];
  /** Among words that are frequent enough, those that run fewest layers and those that run most. No word is in both. */
  mostSkipped: TokenUsage[];
  leastSkipped: TokenUsage[];
  /** Spearman's correlation of loss and layers over tokens; null where all tokens run equally many. */
  lossDepthCorrelation: number | null;
  /** Share of tokens that ran each routed layer; none for a dense model. */
  densityPerLayer: number[];
}

/** In `words`. */
const WORDS = 300;
/** At most, in `mostSkipped` and in `leastSkipped`. */
const ENDS = 20;

/**
 * Reads a text in pieces of the model's context, several at once, and tells who ran how many layers.
 *
 * @param ids held-out text, in its order
 * @param minimum how often a word must occur to be among the most or the least skipped: few occurrences say little
 */
export function analyseDepth(
  model: SkipTransformer,
  tokenizer: Tokenizer,
  ids: ArrayLike<number>,
  { minimum = 10 }: { minimum?: number } = {},
): DepthAnalysis {
  const { map, losses } = readText(model, tokenizer, ids);
  const { tokens, active } = map;
  const layers = tokens.map((_, i) => layersOf(map, i));
  const subwords = tokenizer.kind === 'huggingface';
  const words = wordUsage(map);
  const frequent = words.filter(({ count }) => count >= minimum).sort(byLayers);
  const ends = isConstant(layers) ? 0 : Math.min(ENDS, Math.floor(frequent.length / 2));
  const routed = model.layers.some(({ router }) => router !== null);
  return {
    tokens: tokens.length,
    kinds: usagePer(
      tokens.map((token, i) => kindOf(token, tokens[i - 1] ?? '', subwords)),
      map,
    ),
    words: words.slice(0, WORDS),
    mostSkipped: frequent.slice(0, ends),
    leastSkipped: frequent.reverse().slice(0, ends),
    // The last token has no loss: none follows it.
    lossDepthCorrelation: spearman(losses.slice(0, -1), layers.slice(0, -1)),
    densityPerLayer: routed ? active.map((row) => mean(row.map(Number))) : [],
  };
}

function byLayers(a: TokenUsage, b: TokenUsage): number {
  return a.meanLayers - b.meanLayers || b.count - a.count;
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

/** What a token is, by its first character that is no space. @param before the token before it */
function kindOf(token: string, before: string, subwords: boolean): string {
  if (/^\s+$/.test(token)) return /[\n\r]/.test(token) ? 'line ends' : 'spaces';
  const first = token.match(/\S/u)?.[0] ?? '';
  if (first === '\ufffd') return 'others'; // unknown, or part of a character
  if (/\p{N}/u.test(first)) return 'digits';
  if (/[\p{P}\p{S}]/u.test(first)) return 'punctuation';
  if (!/\p{L}/u.test(first)) return 'others';
  if (!subwords) return /[\p{Lu}\p{Lt}]/u.test(first) ? 'capitals' : 'lower-case letters';
  return /^\p{L}/u.test(token) && /\p{L}$/u.test(before) ? 'continuations' : 'word beginnings';
}
