import { defaultModel, Random, randn, SkipTransformer } from 'hopgrad';

// #region layer
const config = { ...defaultModel, vocabularySize: 50, layers: 1, dim: 16, heads: 2 };
const [layer] = new SkipTransformer(config).layers;
const x = randn([1, 8, 16], new Random(0)); // (B, T, D): one text of 8 tokens
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
const changed = output.ne(x).sum(-1); // how many of its 16 numbers are not what they were
console.log('ran    ', route?.active.to('int32').toTypedArray().join(' '));
console.log('changed', changed.toTypedArray().join(' '));
console.log('density', route?.density.item());
// #endregion
