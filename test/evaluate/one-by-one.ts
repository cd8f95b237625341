/** What a model does with a text, asked slowly: one forward for each token, of what stands before it. */
import { fromTypedArray, noGrad } from '../../src/index.ts';
import type { SkipTransformer } from '../../src/model/skip-transformer.ts';

/** Per token of the text: layers that ran, loss of the token that follows (NaN at the last), and [layer][token] who ran. */
export function oneByOne(
  model: SkipTransformer,
  ids: Int32Array,
): { layers: number[]; losses: number[]; active: boolean[][] } {
  const { context, layers } = model.config;
  const perToken = Array.from(ids, (_, i) => {
    const before = ids.slice(i - (i % context), i + 1);
    const input = fromTypedArray(before, [1, before.length]);
    const { logits, routes } = model.inEvaluation(() => noGrad(() => model.forward(input)));
    const scores = Float64Array.from(logits.toTypedArray()).subarray(-model.config.vocabularySize);
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    const ran = routes.map(({ active }) => active.toTypedArray()[before.length - 1] === 1);
    return {
      ran,
      layers: ran.filter(Boolean).length + layers - ran.length,
      loss: Math.log(total) - (scores[ids[i + 1]] ?? Number.NaN),
    };
  });
  return {
    layers: perToken.map((token) => token.layers),
    losses: perToken.map(({ loss }) => loss),
    active: perToken[0].ran.map((_, layer) => perToken.map(({ ran }) => ran[layer])),
  };
}
