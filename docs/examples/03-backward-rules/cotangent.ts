import { customOp, gradcheck, Random, randn } from 'hopgrad';

// #region wrong
const wrongSoftmax = customOp({
  name: 'wrongSoftmax',
  forward: (x) => x.softmax(),
  // Subtracts the mean of g, where it should be the mean weighted by p.
  backward: (g, { output: p }) => [p.mul(g.sub(g.mean(-1, { keepDim: true })))],
});
// #endregion

// #region checks
const x = randn([2, 3], new Random(5), { dtype: 'float64' });
console.log(gradcheck((t) => wrongSoftmax(t).sum(), [x]).message);
console.log(gradcheck(wrongSoftmax, [x]).message);
console.log(gradcheck((t) => t.softmax(), [x], { name: 'softmax' }).message);
// #endregion
