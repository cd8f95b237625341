import { gradients, Random, randn, tensor } from 'hopgrad';

// #region forward
const epsilon = 1e-5;
const x = tensor([[1, 2, 6, 3]], { dtype: 'float64', requiresGrad: true });
const mean = x.mean(-1, { keepDim: true });
const variance = x.sub(mean).square().mean(-1, { keepDim: true });
const r = variance.add(epsilon).rsqrt(); // 1 / √(v + ε)
const normal = x.sub(mean).mul(r);
console.log(mean.item(), variance.item());
console.log(normal);
// #endregion

// #region rule
const random = new Random(3);
const weight = randn([4], random, { dtype: 'float64', requiresGrad: true });
const bias = randn([4], random, { dtype: 'float64', requiresGrad: true });
const g = randn([1, 4], random, { dtype: 'float64' });

const average = (t: typeof x) => t.mean(-1, { keepDim: true });
const h = g.mul(weight);
const seen = average(h.mul(normal)); // how much of h lies along x̂
const dx = r.mul(h.sub(average(h)).sub(normal.mul(seen)));

const y = x.layerNorm(weight, bias, epsilon);
const engine = gradients(y, [x, weight, bias], { gradient: g });
console.log(engine[0].allClose(dx));
console.log(engine[1].allClose(g.mul(normal).sum(0)));
console.log(engine[2].allClose(g.sum(0)));
// #endregion

// #region blind
console.log(dx.sum().item().toFixed(9)); // all numbers alike
console.log(dx.mul(normal).sum().item().toFixed(5)); // along x̂
// #endregion
