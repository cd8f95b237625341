import { defaultModel, fromTypedArray, generate, noGrad, SkipTransformer } from 'hopgrad';

// #region generate
const model = new SkipTransformer({ ...defaultModel, vocabularySize: 50, layers: 6 });
const tokens = [...generate(model, [7, 14, 21], { tokens: 5, temperature: 0 })];
for (const { id, active, flops } of tokens) {
  const ran = active.map((one) => (one ? '■' : '□')).join('');
  console.log(String(id).padStart(2), ran, `${(flops.executed / flops.dense).toFixed(2)} of the dense FLOPs`);
}
// #endregion

// #region same
const text = fromTypedArray(
  Int32Array.from(tokens, ({ id }) => id),
  [1, tokens.length],
);
const { routes } = noGrad(() => model.eval().forward(text));
const whole = tokens.map((_, t) => routes.map(({ active }) => active.at(0, t, 0).item() === 1));
console.log(whole.every((layers, t) => layers.every((ran, i) => ran === tokens[t].active[i])));
// #endregion
