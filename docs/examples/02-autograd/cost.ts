import { flopsSoFar, Random, randn } from 'hopgrad';

// #region cost
const random = new Random(0);
const weights = [
  [64, 64],
  [64, 64],
  [64, 1],
].map((shape) => randn(shape, random, { requiresGrad: true }));
const x = randn([32, 64], random);

function loss() {
  const [a, b, c] = weights;
  return x.matmul(a).tanh().matmul(b).tanh().matmul(c).square().mean();
}

/** How many multiplications, additions, … `body` takes. */
function flopsOf(body: () => void): number {
  const before = flopsSoFar();
  body();
  return flopsSoFar() - before;
}

const forward = flopsOf(() => loss().item());
const both = flopsOf(() => {
  loss().backward();
  for (const w of weights) w.grad?.toArray();
});
const parameters = weights.reduce((count, w) => count + w.size, 0);
console.log(`parameters:                ${parameters}`);
console.log(`the loss:                  ${forward}`);
console.log(`the loss and all slopes:   ${both}`);
console.log(`all slopes by nudging:     ${2 * parameters * forward}`);
// #endregion
