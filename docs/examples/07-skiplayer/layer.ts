import { defaultModel, Random, randn, SkipTransformer } from 'hopgrad';

// #region layer
const shape = { vocabularySize: 50, layers: 1, dim: 16, heads: 2 };
const config = { ...defaultModel, ...shape };
const [layer] = new SkipTransformer(config).layers;
const x = randn([1, 8, 16], new Random(0)); // one text of 8 tokens
const { output, route } = layer.forward(x, {
  random: null, // decide without noise
  temperature: 1,
  noiseScale: 0,
  densityProgress: 1,
  start: 0,
  valid: null,
  cache: null,
  forceOpen: false,
  exitLogits: () => x, // this router does not ask
});
// #endregion

// #region eq2
const active = route?.active.to('int32'); // (B, T, 1)
const changed = output.ne(x).sum(-1); // how many numbers of a token
console.log('ran    ', active?.toTypedArray().join(' '));
console.log('changed', changed.toTypedArray().join(' '));
console.log('density', route?.density.item());
// #endregion
