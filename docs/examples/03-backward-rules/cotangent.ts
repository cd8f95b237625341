import { customOp, gradcheck, Random, randn } from 'hopgrad';

// #region wrong
const wrongSoftmax = customOp({
  name: 'wrongSoftmax',
  forward: (x) => x.softmax(),
  backward: (g, { output: p }) => {
    const mean = g.mean(-1, { keepDim: true }); // should be weighted by p
    return [p.mul(g.sub(mean))];
  },
});
// #endregion

// #region checks
const x = randn([2, 3], new Random(5), { dtype: 'float64' });
const itsSum = (t: typeof x) => wrongSoftmax(t).sum();
console.log(gradcheck(itsSum, [x], { name: 'its sum' }).message);
console.log(gradcheck(wrongSoftmax, [x], { name: 'itself' }).message);
// #endregion
