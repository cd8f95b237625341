import {
  defaultModel,
  fromTypedArray,
  gradients,
  nextTokenLoss,
  SkipTransformer,
  type Tensor,
} from 'hopgrad';

const text = Int32Array.from({ length: 130 }, (_, i) => (i * i) % 47);
const ids = fromTypedArray(text.slice(0, 128), [2, 64]);
const targets = fromTypedArray(text.slice(1, 129), [128]);

// #region seen
const config = { ...defaultModel, vocabularySize: 47, layers: 4 };
for (const estimator of ['straight-through', 'taken-branch'] as const) {
  const model = new SkipTransformer({ ...config, estimator });
  const gates = model.layers.flatMap(gateOf);
  const { logits } = model.forward(ids);
  const slopes = gradients(nextTokenLoss(logits, targets), gates);
  const lengths = slopes.map((g) => g.square().sum().sqrt().item());
  const text = lengths.map((length) => length.toFixed(5)).join('  ');
  console.log(estimator.padEnd(16), text);
}
// #endregion

/** W_G of a layer. */
function gateOf({ router }: SkipTransformer['layers'][number]): Tensor[] {
  return router?.parameters() ?? [];
}
