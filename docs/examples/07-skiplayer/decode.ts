import { defaultModel, fromTypedArray, generate, noGrad, SkipTransformer } from 'hopgrad';

// #region generate
const model = new SkipTransformer({ ...defaultModel, vocabularySize: 50 });
const options = { tokens: 5, temperature: 0 };
const tokens = [...generate(model, [7, 14, 21], options)];
for (const { id, active, flops } of tokens) {
  const ran = active.map((one) => (one ? '■' : '□')).join('');
  const share = (flops.executed / flops.dense).toFixed(2);
  console.log(String(id).padStart(2), ran, share, 'of the dense FLOPs');
}
// #endregion

// #region same
const text = fromTypedArray(
  Int32Array.from(tokens, ({ id }) => id),
  [1, tokens.length],
);
const { routes } = noGrad(() => model.eval().forward(text));
const masks = routes.map(({ active }) => active.toTypedArray());
const same = tokens.every((token, t) => token.active.every((ran, layer) => ran === (masks[layer][t] === 1)));
console.log('the same decisions:', same);
// #endregion
