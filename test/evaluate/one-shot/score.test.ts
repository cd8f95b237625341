/** Log-probabilities from a shared cache are those of a plain forward of each text, and their cost is told. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sequence } from '../../../src/evaluate/one-shot/prompt.ts';
import { logProbabilities } from '../../../src/evaluate/one-shot/score.ts';
import { Work } from '../../../src/evaluate/one-shot/work.ts';
import { noGrad } from '../../../src/index.ts';
import { SkipTransformer } from '../../../src/model/skip-transformer.ts';
import {
  anyConfig,
  CONTEXT,
  float64Model,
  holdsFor,
  idsOf,
  routerNames,
  VOCABULARY,
} from '../../model/models.ts';

/** log P of the scored part, from one forward of the whole text. */
function plainly(model: SkipTransformer, { ids, start }: Sequence): number {
  return noGrad(() => {
    const logs = model
      .forward(idsOf([[...ids]]))
      .logits.logSoftmax()
      .toTypedArray();
    const at = (t: number): number => logs[(t - 1) * VOCABULARY + ids[t]];
    return Array.from({ length: ids.length - start }, (_, i) => at(start + i)).reduce((a, b) => a + b);
  });
}

const sequence = ([prompt, scored]: number[][]): Sequence => ({
  ids: Int32Array.from([...prompt, ...scored]),
  start: prompt.length,
});
const tokens = (minLength: number, maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(VOCABULARY - 1), { minLength, maxLength });

/** Choices behind one prompt, or prompts that begin alike, or not at all, before one continuation. */
const anySequences = fc.oneof(
  fc
    .tuple(tokens(1, 5), fc.array(tokens(1, 3), { minLength: 1, maxLength: 5 }))
    .map(([prompt, scored]) => scored.map((choice) => sequence([prompt, choice]))),
  fc
    .tuple(tokens(0, 2), fc.array(tokens(1, 3), { minLength: 2, maxLength: 3 }), tokens(1, 3))
    .map(([begin, ends, scored]) => ends.map((end) => sequence([[...begin, ...end], scored]))),
);

const precisions = {
  float32: { make: (config: SkipTransformer['config']) => new SkipTransformer(config), bound: 1e-5 },
  float64: { make: float64Model, bound: 1e-12 },
};

describe.each(routerNames)('with the router %s', (router) => {
  test.each(['float32', 'float64'] as const)(
    'log-probabilities are those of a plain forward, in %s',
    (precision) => {
      const { make, bound } = precisions[precision];
      holdsFor(router, fc.record({ config: anyConfig({ router }), sequences: anySequences }), (example) => {
        const model = make(example.config).eval();
        const found = logProbabilities(model, example.sequences, new Work());
        example.sequences.forEach((one, i) => {
          const expected = plainly(model, one);
          expect(Math.abs(found[i] - expected)).toBeLessThanOrEqual(bound * Math.max(1, Math.abs(expected)));
        });
      });
    },
  );

  test('what all begin with is read and paid for once, and no last token is read', () => {
    const example = fc.record({
      config: anyConfig({ router }),
      prompt: tokens(1, 5),
      choices: fc.array(tokens(1, 3), { minLength: 1, maxLength: 4 }),
    });
    holdsFor(router, example, ({ config, prompt, choices }) => {
      const model = new SkipTransformer(config).eval();
      const work = new Work();
      logProbabilities(
        model,
        choices.map((choice) => sequence([prompt, choice])),
        work,
      );
      // A cache read token by token tells what each token of each text takes.
      const sums = { layers: 0, tokens: 0, dense: 0 };
      choices.forEach((choice, i) => {
        const ids = [...prompt, ...choice.slice(0, -1)];
        const caches = model.makeCaches(1);
        ids.forEach((id, t) => {
          const { routes, flops } = noGrad(() => model.forward(idsOf([[id]]), { caches }));
          if (i > 0 && t < prompt.length) return;
          sums.tokens++;
          sums.dense += flops.dense;
          sums.layers +=
            config.layers - routes.length + routes.reduce((n, { density }) => n + density.item(), 0);
        });
      });
      const { layersPerToken, denseFlopsPerToken, flopsPerToken } = work.perToken;
      expect(work.tokens).toBe(sums.tokens);
      expect(layersPerToken).toBeCloseTo(sums.layers / sums.tokens, 6);
      expect(denseFlopsPerToken).toBeCloseTo(sums.dense / sums.tokens, 6);
      expect(flopsPerToken).toBeGreaterThan(0);
    });
  });
});

test('a dense model executes the FLOPs of the dense model', () => {
  holdsFor('none', anyConfig({ router: 'none' }), (config) => {
    const work = new Work();
    const texts = [
      [1, 2],
      [3, 4],
      [5, 6, 7],
    ].map((choice) => sequence([[8, 9, 10], choice]));
    logProbabilities(new SkipTransformer(config).eval(), texts, work);
    const { layersPerToken, flopsPerToken, denseFlopsPerToken } = work.perToken;
    expect(layersPerToken).toBe(config.layers);
    expect(flopsPerToken).toBeCloseTo(denseFlopsPerToken, 6);
  });
});

test('a text as long as the context and one token more can be scored', () => {
  const config = fc.sample(anyConfig({ router: 'learned' }), { numRuns: 1, seed: 1 })[0];
  const text = sequence([[1, 2, 3], Array.from({ length: CONTEXT - 2 }, (_, i) => i)]);
  expect(logProbabilities(new SkipTransformer(config).eval(), [text], new Work())[0]).toBeLessThan(0);
});
