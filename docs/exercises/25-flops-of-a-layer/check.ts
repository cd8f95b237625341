import fc from 'fast-check';
import { defaultModel, flopsSoFar, SkipTransformer, type Tensor, zeros } from 'hopgrad';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectSame, expectThat } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const sizes = fc
  .record({
    dim: fc.integer({ min: 1, max: 8 }),
    hidden: fc.integer({ min: 1, max: 16 }),
    keys: fc.integer({ min: 1, max: 8 }),
    tokens: fc.integer({ min: 1, max: 4 }),
    running: fc.nat(4),
  })
  .map(({ running, ...sizes }) => ({ ...sizes, running: Math.min(running, sizes.tokens) }));

/** What the library counts while `body` runs. */
function counted(body: () => Tensor[]): number {
  const before = flopsSoFar();
  for (const result of body()) result.toTypedArray(); // computed now, not later
  return flopsSoFar() - before;
}

/** The products of a layer, carried out: of so many tokens, some of which run. */
function carriedOut(tokens: number, running: number, dim: number, hidden: number, keys: number): number {
  const product = (rows: number, from: number, to: number): Tensor =>
    zeros([rows, from]).linear(zeros([to, from]));
  return counted(() => {
    const always = [product(tokens, dim, dim), product(tokens, dim, dim), product(tokens, dim, 2)];
    if (running === 0) return always;
    const read = zeros([running, 1, 1, dim]).scaledDotProductAttention(
      zeros([running, 1, keys, dim]),
      zeros([running, 1, keys, dim]),
    );
    const projections = [product(running, dim, dim), product(running, dim, dim)];
    return [...always, ...projections, read, product(running, dim, hidden), product(running, hidden, dim)];
  });
}

/** FLOPs per token of one dense layer of a whole model: what a second layer adds. */
function ofModel(dim: number, tokens: number): number {
  const dense = (layers: number): number => {
    const model = new SkipTransformer({
      ...defaultModel,
      layers,
      dim,
      heads: 4,
      router: 'none',
      context: tokens,
    });
    return model.forward(zeros([1, tokens], { dtype: 'int32' })).flops.dense;
  };
  return dense(2) - dense(1);
}

export default exercise<typeof Solution>({
  title: 'The FLOPs of a layer',
  chapter: 9,
  task: 'Count the floating-point operations of a layer that a share P of the tokens run.',
  laws: ({ flopsOfLayer }) => [
    example('D = 2, hidden 4, one key, nobody runs it: 16 for key and value, 8 for the router', () => {
      const size = { dim: 2, hidden: 4, keys: 1, density: 0 };
      expectSame('flopsOfLayer(size)', flopsOfLayer(size), 24);
    }),
    example(
      'the same, everybody runs it: 16 more for query and output, 8 for attention, 32 for the feed-forward',
      () => {
        const size = { dim: 2, hidden: 4, keys: 1, density: 1 };
        expectSame('flopsOfLayer(size)', flopsOfLayer(size), 80);
      },
    ),
    law(
      'it is what the library counts while it multiplies',
      sizes,
      ({ dim, hidden, keys, tokens, running }) => {
        const size = { dim, hidden, keys, density: running / tokens };
        const expected = carriedOut(tokens, running, dim, hidden, keys) / tokens;
        const got = flopsOfLayer(size);
        const close = Math.abs(got - expected) < 1e-6 * expected;
        expectThat(close, `flopsOfLayer with density ${running} / ${tokens}`, String(expected), got);
      },
    ),
    example('the layer of a model costs up to 6 % more: norms, biases and GELU are no products', () => {
      // 32 tokens read 1 to 32 keys, 16.5 in the mean; a dense layer has no router, 4 D.
      const got = flopsOfLayer({ dim: 64, hidden: 256, keys: 16.5, density: 1 }) - 4 * 64;
      const model = ofModel(64, 32);
      const fits = got <= model && got > model / 1.06;
      expectThat(fits, 'a dense layer, D = 64', `a little less than the model's ${model}`, got);
    }),
  ],
});
