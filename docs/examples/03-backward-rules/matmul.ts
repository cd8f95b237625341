import { gradients, Random, randn, tensor } from 'hopgrad';

// #region product
const A = tensor([
  [1, 2],
  [3, 4],
]);
const B = tensor([
  [5, 6],
  [7, 8],
]);
console.log(A.matmul(B));
// #endregion

// #region nudge
const G = tensor([
  [1, 10],
  [100, 1000],
]); // how much each element of C weighs in the loss
const loss = (a: typeof A) => a.matmul(B).mul(G).sum().item();
const nudge = tensor([
  [0, 1],
  [0, 0],
]);
console.log(loss(A.add(nudge)) - loss(A));
// #endregion

// #region rule
console.log(G.matmul(B.transpose()));
console.log(A.transpose().matmul(G));
// #endregion

// #region batch
const random = new Random(1);
const a = randn([4, 2, 3], random, { requiresGrad: true }); // four matrices
const b = randn([3, 5], random, { requiresGrad: true }); // times one
const g = randn([4, 2, 5], random);
const [da, db] = gradients(a.matmul(b), [a, b], { gradient: g });

const ours = {
  a: g.matmul(b.transpose()),
  b: a.transpose().matmul(g).sum(0), // a gradient per matrix, summed
};
console.log(da.shape, da.allClose(ours.a, { absolute: 1e-5 }));
console.log(db.shape, db.allClose(ours.b, { absolute: 1e-5 }));
// #endregion
