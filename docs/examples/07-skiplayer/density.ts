import { densityLoss, gradients, hardMask, type Tensor, tensor } from 'hopgrad';

// #region share
const z = tensor([3, 2, 1, 0.4, 0.2, 0.1, -1, -2], { requiresGrad: true });
const densityOf = (z: Tensor) => {
  const s = z.sigmoid();
  return hardMask(s, z.gt(0)).mean(); // forward a count, backward that of s
};
const r = densityOf(z);
const loss = densityLoss([r], 0.5);
console.log('r', r.item(), 'loss', loss.item());
// #endregion

// #region slope
const [slope] = gradients(loss, [z]);
console.log(rounded(slope));
// #endregion

// #region settle
let w = z.detach();
for (let step = 0; step <= 60; step++) {
  const free = w.detach();
  free.requiresGrad = true;
  const r = densityOf(free);
  if (step % 20 === 0) console.log({ step, r: r.item() }, rounded(w));
  w = w.sub(gradients(densityLoss([r], 0.5), [free])[0].mul(0.5));
}
// #endregion

function rounded(values: Tensor): string {
  return Array.from(values.toTypedArray(), (value) => value.toFixed(3)).join('  ');
}
