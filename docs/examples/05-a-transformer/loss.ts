import { tensor } from 'hopgrad';

// #region nats
const probabilities = [1 / 2, 1 / 4, 1 / 8, 1 / 8];
const logits = tensor([probabilities.map((p) => Math.log(p))]); // one token, a vocabulary of four
for (const next of [0, 1, 2]) {
  const nats = logits.crossEntropy(tensor([next], { dtype: 'int32' })).item();
  console.log(`token ${next}: ${nats.toFixed(3)} nats, ${(nats / Math.LN2).toFixed(0)} bits`);
}
// #endregion
