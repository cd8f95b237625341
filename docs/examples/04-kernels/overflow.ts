import { tensor } from 'hopgrad';

// #region naive
function naive(scores: number[]): number[] {
  const powers = scores.map((x) => Math.exp(x));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
console.log(naive([1, 2, 3]));
console.log(naive([1001, 1002, 1003]));
// #endregion

// #region shifted
function shifted(scores: number[]): number[] {
  const max = Math.max(...scores);
  return naive(scores.map((x) => x - max));
}
console.log(shifted([1, 2, 3]));
console.log(shifted([1001, 1002, 1003]));
// #endregion

// #region logarithm
const scores = tensor([0, -200]);
console.log(scores.softmax().log());
console.log(scores.logSoftmax());
// #endregion
