import { gradients, Random, randn } from 'hopgrad';

const random = new Random(4);
const leaf = () => randn([1, 1, 3, 2], random, { dtype: 'float64', requiresGrad: true });

// #region rule
const [q, k, v] = [leaf(), leaf(), leaf()]; // (1, 1, 3, 2): three tokens
const g = randn([1, 1, 3, 2], random, { dtype: 'float64' });
const scale = 1 / Math.sqrt(2);

const P = q.matmul(k.transpose()).mul(scale).softmax();
const O = P.matmul(v);
const dV = P.transpose().matmul(g);
const dP = g.matmul(v.transpose());
const dot = g.mul(O).sum(-1, { keepDim: true });
const dS = P.mul(dP.sub(dot)).mul(scale);
const dQ = dS.matmul(k);
const dK = dS.transpose().matmul(q);
// #endregion

// #region check
const out = q.scaledDotProductAttention(k, v);
const engine = gradients(out, [q, k, v], { gradient: g });
[dQ, dK, dV].forEach((rule, i) => {
  console.log('qkv'[i], engine[i].allClose(rule));
});
// #endregion
