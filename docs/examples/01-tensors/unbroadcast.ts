import { Random, randn, tensor } from 'hopgrad';

// #region nudge
const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const b = tensor([10, 20, 30]);
const weights = tensor([
  [1, 2, 0],
  [5, 1, 3],
]);
const total = (bias: typeof b) => x.add(bias).mul(weights).sum().item();
console.log(total(b), total(b.add(tensor([1, 0, 0]))));
// #endregion

// #region sums
console.log(weights.sum(0).toArray());
// #endregion

// #region adjoint
const random = new Random(3);
const small = randn([3, 1], random, { dtype: 'float64' });
const g = randn([2, 3, 4], random, { dtype: 'float64' });
const stretched = small.expand([2, 3, 4]).mul(g).sum();
const summed = g.sum([0, 2]).reshape([3, 1]);
console.log(stretched.item().toFixed(10), small.mul(summed).sum().item().toFixed(10));
// #endregion

// #region engine
const leaf = tensor([10, 20, 30], { requiresGrad: true });
x.add(leaf).mul(weights).sum().backward();
console.log(leaf.grad?.toArray());
// #endregion
