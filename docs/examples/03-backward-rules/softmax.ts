import { gradients, Random, randn, tensor } from 'hopgrad';

// #region forward
const z = tensor([1, 2, 4], { dtype: 'float64', requiresGrad: true });
const p = z.softmax();
console.log(p, p.sum().item());
console.log(z.add(100).softmax().allClose(p));
// #endregion

// #region jacobian
const numbers: number[] = [...p.toTypedArray()];
const table = numbers.map((pi, i) =>
  numbers.map((pj, j) => {
    const same = i === j ? 1 : 0;
    return pi * (same - pj);
  }),
);
console.log(tensor(table));
// #endregion

// #region rule
const g = tensor([3, -1, 2], { dtype: 'float64' });
const dot = g.mul(p).sum();
console.log(p.mul(g.sub(dot)).toArray());
console.log(gradients(p, [z], { gradient: g })[0].toArray());
// #endregion

// #region crossEntropy
const logits = z.detach().reshape([1, 3]);
logits.requiresGrad = true;
const target = tensor([1], { dtype: 'int32' });
const loss = logits.crossEntropy(target);
loss.backward();
console.log(loss.item(), -Math.log(numbers[1]));
console.log([numbers[0], numbers[1] - 1, numbers[2]]);
console.log(logits.grad?.toArray());
// #endregion

// #region underflow
const sure = tensor([[0, 200]]);
console.log(sure.softmax().log().toArray(), sure.logSoftmax().toArray());
// #endregion

// #region batch
const random = new Random(2);
const rows = randn([5, 3], random, { requiresGrad: true });
const targets = tensor([0, 2, 1, 1, 0], { dtype: 'int32' });
rows.crossEntropy(targets).backward();
const rule = rows.softmax().sub(targets.oneHot(3)).div(5);
console.log(rows.grad?.allClose(rule, { absolute: 1e-6 }));
// #endregion
