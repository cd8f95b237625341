import { Random, randn, type Tensor, tensor } from 'hopgrad';

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

// #region row
const row = tensor([10, 20, 30]);
console.log(x.add(row));
// #endregion

// #region column
const column = tensor([[100], [200]]);
console.log(x.add(column));
// #endregion

// #region both
console.log(row.add(column));
// #endregion

// #region gate
const random = new Random(1);
const X = randn([2, 3, 4], random); // 2 texts of 3 tokens, 4 numbers each
const F = randn([2, 3, 4], random); // what a layer made of them
const G = tensor([
  [1, 0, 1],
  [0, 0, 1],
]).unsqueeze(-1); // (2, 3, 1): one decision a token
const notG = G.neg().add(1); // 1 − G
const out = F.mul(G).add(X.mul(notG));
console.log(G.shape, out.shape);
// #endregion

// #region skipped
const secondToken = (t: Tensor) => t.slice(0, 0, 1).slice(1, 1, 2); // of the first text
console.log(secondToken(out).equal(secondToken(X)));
// #endregion

// #region trap
const predicted = tensor([1, 2, 3]);
const wanted = tensor([[1], [2], [3]]);
console.log(predicted.sub(wanted).shape);
console.log(predicted.sub(wanted.squeeze(-1)).square().mean().item());
console.log(predicted.sub(wanted).square().mean().item());
// #endregion
