import { grad, gradients, noGrad, Random, randn, tensor } from 'hopgrad';

// #region backward
const x = tensor([
  [1, 2],
  [3, 4],
]);
const w = tensor([[0.5], [-0.5]], { requiresGrad: true });
const loss = x.matmul(w).tanh().square().mean();
loss.backward();
console.log(loss.item());
console.log(w.grad);
// #endregion

// #region tape
const y = x.matmul(w).tanh().mul(w.sum());
let level = [y.node];
while (level.length > 0) {
  console.log(level.map((node) => node?.name ?? 'null').join(' '));
  level = level.flatMap((node) => node?.edges ?? []);
}
// #endregion

// #region accumulate
const a = tensor([1, 2], { requiresGrad: true });
a.square().sum().backward();
a.square().sum().backward();
console.log(a.grad);
a.grad = null;
a.square().sum().backward();
console.log(a.grad);
// #endregion

// #region errors
const mistakes = [
  () => a.square().backward(),
  () => loss.backward(),
  () => {
    const squares = a.square().sum();
    a.assign(tensor([5, 5]));
    squares.backward();
  },
];
for (const mistake of mistakes) {
  try {
    mistake();
  } catch (error) {
    console.log((error as Error).message);
  }
}
// #endregion

// #region deep
const start = tensor(1, { requiresGrad: true });
let end = start;
for (let step = 0; step < 10_000; step++) end = end.mul(1.0001);
end.backward();
console.log(end.item().toFixed(3), start.grad?.item().toFixed(3));
// #endregion

// #region noGrad
const quiet = noGrad(() => a.square());
console.log(a.square().requiresGrad, quiet.requiresGrad);
console.log(a.square().detach().requiresGrad);
// #endregion

// #region cotangent
const v = tensor([3, 4], { requiresGrad: true });
const squares = v.square(); // two results
const [slopes] = gradients(squares, [v], { gradient: tensor([1, 10]) });
console.log(slopes.toArray()); // 2v, weighted by (1, 10)
// #endregion

// #region higher
let f = (t: typeof x) => t.mul(t).mul(t).mul(t).sum(); // t⁴
for (let order = 0; order <= 4; order++) {
  console.log(order, f(tensor(2)).item());
  f = grad(f);
}
// #endregion

// #region newton
const hill = (t: typeof x) => t.square().add(t.exp()).sum(); // t² + eᵗ
let t = tensor(0, { dtype: 'float64' });
for (let step = 0; step < 5; step++) {
  const slope = grad(hill)(t);
  const bend = grad(grad(hill))(t);
  console.log(t.item().toFixed(9), slope.item().toExponential(1));
  t = t.sub(slope.div(bend));
}
// #endregion

// #region train
const random = new Random(4);
const inputs = randn([20, 2], random);
const wanted = inputs.matmul(tensor([[2], [-1]])); // what is to be found
const found = tensor([[0], [0]], { requiresGrad: true });
for (let step = 0; step <= 40; step++) {
  const error = inputs.matmul(found).sub(wanted).square().mean();
  if (step % 10 === 0) console.log(step, error.item().toFixed(6));
  found.grad = null;
  error.backward();
  const slope = found.grad!;
  noGrad(() => found.assign(found.sub(slope.mul(0.1))));
}
console.log(found);
// #endregion
