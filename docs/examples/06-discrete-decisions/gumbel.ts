import { Random, tensor } from 'hopgrad';

// #region counts
const logits = [1, 0, -1];
const random = new Random(0).fork('gumbel');
const gumbel = () => -Math.log(-Math.log(random.uniform()));

const tries = 30_000;
const wins = [0, 0, 0];
for (let i = 0; i < tries; i++) {
  const noisy = logits.map((logit) => logit + gumbel());
  wins[noisy.indexOf(Math.max(...noisy))]++;
}
console.log('won ', rounded(wins.map((count) => count / tries)));
console.log('soft', rounded(tensor(logits).softmax().toTypedArray()));
// #endregion

// #region temperature
const noise = tensor([0.2, 1.4, -0.5]); // one draw
for (const temperature of [5, 1, 0.5, 0.1]) {
  const s = tensor(logits).add(noise).div(temperature).softmax();
  console.log({ temperature }, rounded(s.toTypedArray()));
}
// #endregion

// #region slope
for (const temperature of [2, 1, 0.5, 0.2, 0.1]) {
  const slopes = Array.from({ length: 20_000 }, () => {
    const noisy = gumbel() - gumbel(); // z = 0: two equal logits
    const s = 1 / (1 + Math.exp(-noisy / temperature));
    return (s * (1 - s)) / temperature; // ds/dz
  });
  const mean = meanOf(slopes);
  const variance = meanOf(slopes.map((slope) => (slope - mean) ** 2));
  console.log({ temperature }, 'mean, variance', rounded([mean, variance]));
}
// #endregion

function rounded(values: ArrayLike<number>): string {
  return Array.from(values, (value) => value.toFixed(3)).join('  ');
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
