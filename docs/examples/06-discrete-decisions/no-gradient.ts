import { grad, type Tensor, tensor } from 'hopgrad';

// #region decide
const x = tensor([1, 0]); // a token's state
const y = tensor([2, 1]); // what the layer would make of it
const goal = tensor([3, 1]); // where it should be
const lossOf = (output: Tensor) => output.sub(goal).square().sum();

for (const z of [-1, -0.001, 0.001, 1]) {
  const run = z > 0;
  const loss = lossOf(run ? y : x).item();
  console.log(`z = ${z}: ${run ? 'run' : 'skip'}, loss ${loss}`);
}
// #endregion

// #region tape
const logits = tensor([0, 0.2], { requiresGrad: true }); // [skip, run]
const choice = logits.argmax();
console.log(choice.item(), choice.dtype, choice.requiresGrad);
// #endregion

// #region expected
const expectedLoss = (z: Tensor) => {
  const s = z.sigmoid(); // the probability of running
  return s.mul(lossOf(y)).add(s.neg().add(1).mul(lossOf(x)));
};
const z = tensor(Math.log(3)); // σ(ln 3) = 3/4
console.log(expectedLoss(z).item(), grad(expectedLoss)(z).item());
// #endregion

// #region figure
const places = Array.from({ length: 121 }, (_, i) => i / 10 - 6);
const step = places.map((z) => lossOf(z > 0 ? y : x).item());
const smooth = places.map((z) => expectedLoss(tensor(z)).item());
console.log(drawing(step, smooth));
// #endregion

function drawing(step: number[], smooth: number[]): string {
  const at = (loss: number, i: number) =>
    `${(230 + 33 * places[i]).toFixed(1)},${(190 - 30 * loss).toFixed(1)}`;
  const line = (losses: number[], colour: string) =>
    `<polyline points="${losses.map(at).join(' ')}" fill="none" stroke="${colour}" stroke-width="2.5"/>`;
  const text = (x: number, y: number, words: string, colour = '#222') =>
    `<text x="${x}" y="${y}" fill="${colour}">${words}</text>`;
  const label =
    'The loss over z: a step from 5 down to 1 at z = 0 where the sign of z decides, ' +
    'and a smooth curve between the same heights where a coin does.';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 240" width="480" font-family="sans-serif" font-size="13" aria-label="${label}">
${[0, 1, 3, 5].map((y) => `<path d="M32 ${190 - 30 * y}H428" stroke="#ddd"/>${text(14, 194 - 30 * y, String(y))}`).join('')}
${[-6, -3, 0, 3, 6].map((x) => text(226 + 33 * x, 210, String(x).replace('-', '−'))).join('')}
${text(150, 232, 'z, the logit of running')}${text(14, 18, 'loss')}
${line(step, '#3b82c4')}${text(60, 30, 'the sign of z decides', '#3b82c4')}
${line(smooth, '#e08a1e')}${text(262, 92, 'a coin decides, mean', '#c06f0a')}
</svg>`;
}
