import { grad, straightThrough, type Tensor, takenBranch, tensor } from 'hopgrad';

// #region readings
const x = tensor([[1, 0]]);
const y = tensor([[2, 1]]);
const goal = tensor([[3, 1]]);
const lossOf = (output: Tensor) => output.sub(goal).square().sum();
const z = tensor([[Math.log(3)]]); // s₁ = 3/4, s₀ = 1/4

for (const run of [true, false]) {
  const active = tensor([[run]]); // what the coin said
  const a = (z: Tensor) => straightThrough(z.sigmoid(), active, x, y);
  const b = (z: Tensor) => {
    const chosen = active.where(z, z.neg()).sigmoid(); // s₁ or s₀
    return takenBranch(chosen, active, x, y);
  };
  const slopeOf = (f: typeof a) => grad((z) => lossOf(f(z)))(z).item();
  console.log({ run, A: slopeOf(a), B: slopeOf(b) });
}
// #endregion

// #region overshoot
const near = tensor([[1.75, 0.5]]); // y lies beyond it, but nearer than x
const away = (output: Tensor) => output.sub(near).square().sum();
console.log({ skip: away(x).item(), run: away(y).item() });

const runs = tensor([[true]]);
const slope = grad((z) => away(straightThrough(z.sigmoid(), runs, x, y)));
console.log('slope of A after a run:', slope(z).item());
// #endregion
