/** Which layers a text used: maps for figures, and averages per character and word. */
import { noGrad } from '../autograd/mode.ts';
import type { Tokenizer } from '../data/tokenizer.ts';
import { inScope } from '../device/scope.ts';
import type { GeneratedToken } from '../model/generate.ts';
import type { SkipTransformer } from '../model/skip-transformer.ts';
import type { SkipMap, TokenUsage } from '../report/types.ts';
import { fromTypedArray } from '../tensor/create.ts';

/** The layers that each token of a text runs, read in pieces of the model's context. */
export function skipMapOf(model: SkipTransformer, tokenizer: Tokenizer, ids: ArrayLike<number>): SkipMap {
  const { context } = model.config;
  const map: SkipMap = { tokens: [], active: [] };
  model.inEvaluation(() => {
    for (let start = 0; start < ids.length; start += context) {
      const piece = Int32Array.from(
        { length: Math.min(context, ids.length - start) },
        (_, i) => ids[start + i],
      );
      for (const id of piece) map.tokens.push(tokenizer.decode([id]));
      inScope(() =>
        noGrad(() => {
          const { routes } = model.forward(fromTypedArray(piece, [1, piece.length]));
          routes.forEach(({ active }, layer) => {
            map.active[layer] ??= [];
            for (const ran of active.toTypedArray()) map.active[layer].push(ran === 1);
          });
        }),
      );
    }
  });
  return map;
}

/** The skip map of generated tokens. */
export function skipMapOfGenerated(tokenizer: Tokenizer, tokens: readonly GeneratedToken[]): SkipMap {
  const layers = tokens[0]?.active.length ?? 0;
  return {
    tokens: tokens.map(({ id }) => tokenizer.decode([id])),
    active: Array.from({ length: layers }, (_, layer) => tokens.map(({ active }) => active[layer])),
  };
}

/** Mean layers per distinct token, most frequent first. */
export function tokenUsage(map: SkipMap): TokenUsage[] {
  return usage(map.tokens.map((token, i) => [token, layersOf(map, i)]));
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

function layersOf(map: SkipMap, token: number): number {
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
