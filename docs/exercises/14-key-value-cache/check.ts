import fc from 'fast-check';
import { cat, type Tensor, tensor } from 'hopgrad';
import { extent, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectTensor } from '../kit/expect.ts';
import type * as Solution from './solution.ts';
import type { Cache } from './solution.ts';

interface Text {
  query: Tensor;
  key: Tensor;
  value: Tensor;
}

const textOf = (tokens: number, dim: number): fc.Arbitrary<Text> =>
  fc.record({ query: tensorOf([tokens, dim]), key: tensorOf([tokens, dim]), value: tensorOf([tokens, dim]) });
const texts = fc.tuple(extent, extent).chain(([tokens, dim]) => textOf(tokens, dim));
const twoTexts = fc
  .tuple(extent, extent)
  .chain(([tokens, dim]) => fc.record({ a: textOf(tokens, dim), b: textOf(tokens, dim) }));

/** The whole text at once, by the library. */
function atOnce({ query, key, value }: Text): Tensor {
  const [q, k, v] = [query, key, value].map((x) => x.unsqueeze(0).unsqueeze(0));
  return q.scaledDotProductAttention(k, v, { causal: true }).reshape(query.shape);
}

const emptyCache = (): Cache => ({ keys: null, values: null });

export default exercise<typeof Solution>({
  title: 'A key-value cache',
  chapter: 5,
  task: 'Read a text token by token, keeping keys and values, with the result of reading it at once.',
  laws: ({ attendNext }) => {
    const step = (cache: Cache, { query, key, value }: Text, t: number): Tensor => {
      const [q, k, v] = [query, key, value].map((x) => x.slice(0, t, t + 1)); // (1, D)
      const result = attendNext(cache, q, k, v);
      expectTensor(`the result for token ${t}`, result);
      return result;
    };
    const tokens = (text: Text): number[] => [...Array(text.query.shape[0]).keys()];
    return [
      example('the first token has only itself to read', () => {
        const [query, key, value] = [1, 2, 7].map((x) => tensor([[x]], { dtype: 'float64' }));
        expectClose('the result', attendNext(emptyCache(), query, key, value), value);
      }),
      law('token by token it is attention over the whole text', texts, (text) => {
        const cache = emptyCache();
        const rows = tokens(text).map((t) => step(cache, text, t));
        expectClose('the results, one below the other', cat(rows), atOnce(text));
      }),
      law('the cache ends up with all keys and values, in order', texts, (text) => {
        const cache = emptyCache();
        for (const t of tokens(text)) step(cache, text, t);
        expectClose('cache.keys', cache.keys, text.key);
        expectClose('cache.values', cache.values, text.value);
      }),
      law('two texts with a cache each, read by turns, do not mix', twoTexts, ({ a, b }) => {
        const [cacheA, cacheB] = [emptyCache(), emptyCache()];
        const rows = tokens(a).map((t) => [step(cacheA, a, t), step(cacheB, b, t)]);
        expectClose('the results for a', cat(rows.map(([row]) => row)), atOnce(a));
      }),
    ];
  },
});
