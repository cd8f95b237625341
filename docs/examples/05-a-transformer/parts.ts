import { Random, randn, tensor } from 'hopgrad';

// #region linear
const x = tensor([[1, 2]]); // one token, D = 2
const weight = tensor([
  [1, 0],
  [0, 1],
  [10, 1],
]); // (dOut, dIn)
const bias = tensor([0, 0, 0.5]);
console.log(x.linear(weight, bias));
// #endregion

// #region norm
const token = tensor([1, 2, 3, 6]); // mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5
const [ones, zeros] = [tensor([1, 1, 1, 1]), tensor([0, 0, 0, 0])];
console.log(token.layerNorm(ones, zeros));
console.log(token.mul(100).add(7).layerNorm(ones, zeros));
// #endregion

// #region gelu
console.log(tensor([-3, -1, 0, 1, 3]).geluTanh());
// #endregion

// #region spread
for (const d of [4, 64, 256]) {
  const random = new Random(d);
  const [q, k] = [randn([2000, d], random), randn([2000, d], random)];
  const products = q.mul(k).sum(-1); // 2,000 dot products
  console.log(`d = ${d}: spread ${products.square().mean().sqrt().item().toFixed(1)}`);
}
// #endregion
