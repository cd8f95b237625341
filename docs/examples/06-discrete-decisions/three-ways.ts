import { customOp, gradients, Random, type Tensor, tensor } from 'hopgrad';

// #region soft
const x = tensor([1, 0]);
const y = tensor([2, 1]);
const goal = tensor([3, 1]);
const lossOf = (output: Tensor) => output.sub(goal).square().sum();
const mixed = (gate: Tensor) => gate.mul(y).add(gate.neg().add(1).mul(x));
const slopeOf = (loss: Tensor) => gradients(loss, [z])[0].item();

const z = tensor(Math.log(3), { requiresGrad: true }); // s = 3/4
const softLoss = lossOf(mixed(z.sigmoid()));
console.log(softLoss.item(), slopeOf(softLoss));
// #endregion

// #region pretend
const hard = customOp({
  name: 'hard',
  forward: (s) => s.gt(0.5).to(s.dtype), // what is computed: 0 or 1
  backward: (gradient) => [gradient], // what is claimed: it was s
});
const gate = hard(z.sigmoid());
const hardLoss = lossOf(mixed(gate));
console.log(gate.item(), hardLoss.item(), slopeOf(hardLoss));
// #endregion

// #region detached
const s = z.sigmoid();
const same = s.add(s.gt(0.5).to(s.dtype).sub(s).detach());
console.log(same.item(), slopeOf(lossOf(mixed(same))));
// #endregion

// #region answers
const [lossSkip, lossRun] = [lossOf(x).item(), lossOf(y).item()];
const answers = { run: lossRun * (1 - 0.75), skip: lossSkip * -0.75 };
const mean = 0.75 * answers.run + 0.25 * answers.skip;
console.log(answers, { mean });
// #endregion

// #region score
const random = new Random(0).fork('coins');
for (const baseline of [0, 2]) {
  const answers = Array.from({ length: 4000 }, () => {
    const run = random.uniform() < 0.75;
    const logP = (run ? z : z.neg()).sigmoid().log();
    return slopeOf(logP.mul((run ? lossRun : lossSkip) - baseline));
  });
  const mean = meanOf(answers);
  const variance = meanOf(answers.map((answer) => (answer - mean) ** 2));
  console.log({ baseline }, 'mean', mean.toFixed(2), 'variance', variance.toFixed(2));
}
// #endregion

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
