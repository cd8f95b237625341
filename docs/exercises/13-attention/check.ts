import fc from 'fast-check';
import { tensor } from 'hopgrad';
import { extent, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const texts = fc.tuple(extent, extent).chain(([tokens, dim]) =>
  fc.record({
    query: tensorOf([tokens, dim]),
    key: tensorOf([tokens, dim]),
    value: tensorOf([tokens, dim]),
  }),
);

export default exercise<typeof Solution>({
  title: 'Attention',
  chapter: 5,
  task: 'Write causal attention for one head: every token reads a mean of the values so far, weighed by its query.',
  laws: ({ attention }) => [
    example('keys that are all alike: each token reads the plain mean of the values so far', () => {
      const zero = tensor([[0], [0], [0]], { dtype: 'float64' });
      const value = tensor([[3], [5], [10]], { dtype: 'float64' });
      expectClose(
        'attention(zeros, zeros, value)',
        attention(zero, zero, value),
        tensor([[3], [4], [6]], { dtype: 'float64' }),
      );
    }),
    law('the first token reads its own value', texts, ({ query, key, value }) => {
      expectClose('the first row', attention(query, key, value).slice(0, 0, 1), value.slice(0, 0, 1));
    }),
    law('the last token has no influence on those before it', texts, ({ query, key, value }) => {
      const before = query.shape[0] - 1;
      if (before === 0) return;
      const [q, k, v] = [query, key, value].map((x) => x.slice(0, 0, before));
      expectClose(
        'the rows before the last',
        attention(query, key, value).slice(0, 0, before),
        attention(q, k, v),
      );
    }),
    law("it is the library's causal attention", texts, ({ query, key, value }) => {
      const [q, k, v] = [query, key, value].map((x) => x.unsqueeze(0).unsqueeze(0)); // (1, 1, T, D)
      const expected = q.scaledDotProductAttention(k, v, { causal: true }).reshape(query.shape);
      expectClose('attention(query, key, value)', attention(query, key, value), expected);
    }),
  ],
});
