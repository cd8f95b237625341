import { customOp, gradcheck, Random, randn } from 'hopgrad';

// #region forgetful
const square = customOp({
  name: 'square',
  forward: (x) => x.mul(x),
  backward: (g, { inputs: [x] }) => [g.mul(x.detach()).mul(2)],
});
const x = randn([3], new Random(7), { dtype: 'float64' });
console.log(gradcheck(square, [x]).message);
console.log(gradcheck(square, [x], { order: 2 }).message);
// #endregion

// #region fused
const softmax = (t: typeof x) => t.softmax();
console.log(gradcheck(softmax, [x], { order: 3, name: 'softmax' }).message);
// #endregion
