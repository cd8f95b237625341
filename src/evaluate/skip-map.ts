/** Which layers a text used: maps for figures, and averages per character and word. */
import type { Batch } from '../data/text-dataset.ts';
import type { Tokenizer } from '../data/tokenizer.ts';
import type { GeneratedToken } from '../model/generate.ts';
import type { SkipTransformer } from '../model/skip-transformer.ts';
import type { SkipMap, TokenUsage } from '../report/types.ts';
import { readBatch } from './read-batch.ts';

/** Texts that are read at once. */
const BATCH = 16;

/** The layers that each token of a text runs, read in pieces of the model's context; of a dense model, all of them. */
export function skipMapOf(model: SkipTransformer, tokenizer: Tokenizer, ids: ArrayLike<number>): SkipMap {
  return readText(model, tokenizer, ids).map;
}

/**
 * Reads a text in pieces of the model's context, which know nothing of each other: its skip map, and for each token the
 * loss of saying the token that follows it, −log p in nats. None follows the last: its loss is NaN.
 */
export function readText(
  model: SkipTransformer,
  tokenizer: Tokenizer,
  ids: ArrayLike<number>,
): { map: SkipMap; losses: number[] } {
  const { config } = model;
  const active: boolean[][] = Array.from({ length: config.layers }, () => []);
  const losses: number[] = [];
  model.inEvaluation(() => {
    for (const batch of pieces(ids, config.context)) {
      const reading = readBatch(model, batch);
      for (const loss of reading.losses) losses.push(loss);
      active.forEach((row, layer) => {
        const ran = reading.active[layer];
        for (let i = 0; i < batch.inputs.length; i++) row.push(ran === undefined || ran[i] === 1);
      });
    }
  });
  if (losses.length > 0) losses[losses.length - 1] = Number.NaN;
  return { map: { tokens: tokenTexts(tokenizer, Array.from(ids)), active }, losses };
}

/** A text in pieces of `context` tokens, several to a batch; what is left over is a piece by itself. */
function pieces(ids: ArrayLike<number>, context: number): Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < ids.length; ) {
    const left = ids.length - start;
    const tokens = Math.min(context, left);
    const rows = Math.min(BATCH, Math.floor(left / tokens));
    const inputs = Int32Array.from({ length: rows * tokens }, (_, i) => ids[start + i]);
    // What stands for the token after the last does not matter: its loss is thrown away.
    const targets = inputs.map((id, i) => ids[start + i + 1] ?? id);
    batches.push({ inputs, targets, shape: [rows, tokens] });
    start += inputs.length;
  }
  return batches;
}

/**
 * The text of each token as it stands behind another one: by itself, decoders drop the space before it (SentencePiece) or
 * show the sign that it continues a word (WordPiece).
 */
function tokenTexts(tokenizer: Tokenizer, ids: readonly number[]): string[] {
  const texts = new Map<number, string>();
  return ids.map((id) => {
    const known = texts.get(id);
    if (known !== undefined) return known;
    const text = tokenizer.decode([id, id]).slice(tokenizer.decode([id]).length);
    texts.set(id, text);
    return text;
  });
}

/** The skip map of generated tokens. */
export function skipMapOfGenerated(tokenizer: Tokenizer, tokens: readonly GeneratedToken[]): SkipMap {
  const layers = tokens[0]?.active.length ?? 0;
  const ids = tokens.map(({ id }) => id);
  return {
    tokens: tokenTexts(tokenizer, ids),
    active: Array.from({ length: layers }, (_, layer) => tokens.map(({ active }) => active[layer])),
  };
}

/** Mean layers per distinct token, most frequent first. */
export function tokenUsage(map: SkipMap): TokenUsage[] {
  return usagePer(map.tokens, map);
}

/** Mean layers per label, most frequent first; `labels` has one per token of the map. */
export function usagePer(labels: readonly string[], map: SkipMap): TokenUsage[] {
  return usage(labels.map((label, i) => [label, layersOf(map, i)]));
}

/** Mean layers per word (a run of letters, in lower case; over its tokens), most frequent first. */
export function wordUsage(map: SkipMap): TokenUsage[] {
  const words: [string, number][] = [];
  let word = '';
  let layers = 0;
  let tokens = 0;
  const finish = (): void => {
    if (word) words.push([word.toLowerCase(), layers / tokens]);
    word = '';
    layers = 0;
    tokens = 0;
  };
  map.tokens.forEach((token, i) => {
    if (!/^\p{L}/u.test(token)) finish();
    const letters = token.match(/\p{L}+/u)?.[0];
    if (letters) {
      word += letters;
      layers += layersOf(map, i);
      tokens++;
    }
    if (!/\p{L}$/u.test(token)) finish();
  });
  finish();
  return usage(words);
}

/** How many layers a token ran. */
export function layersOf(map: SkipMap, token: number): number {
  return map.active.reduce((count, layer) => count + Number(layer[token]), 0);
}

function usage(observations: readonly [string, number][]): TokenUsage[] {
  const sums = new Map<string, { count: number; layers: number }>();
  for (const [token, layers] of observations) {
    const sum = sums.get(token) ?? { count: 0, layers: 0 };
    sum.count++;
    sum.layers += layers;
    sums.set(token, sum);
  }
  const rows = [...sums].map(([token, { count, layers }]) => ({ token, count, meanLayers: layers / count }));
  return rows.sort((a, b) => b.count - a.count || (a.token < b.token ? -1 : 1));
}
