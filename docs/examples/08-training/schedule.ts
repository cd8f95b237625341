import { clipGradNorm, ramp, tensor, warmupCosine } from 'hopgrad';

// #region rates
const rate = warmupCosine({ peak: 0.008, warmup: 40, total: 400, floor: 0.0004 });
for (const step of [0, 20, 40, 220, 400]) console.log(step, rate(step).toFixed(5));
// #endregion

// #region figure
const fall = ramp(0, 1, 160); // over 160 steps, from step 120
const target = (step: number) => 1 - 0.5 * fall(Math.max(0, step - 120)); // P, from 1 to 0.5
console.log(draw());
// #endregion

// #region clip
const parameter = tensor([0, 0], { requiresGrad: true });
parameter
  .mul(tensor([3, 4]))
  .sum()
  .backward();
console.log('length before', clipGradNorm([parameter], 1));
console.log('gradient after', parameter.grad);
// #endregion

function draw(): string {
  const line = (value: (step: number) => number, top: number, colour: string) => {
    const points = Array.from({ length: 101 }, (_, i) => {
      const x = 50 + 2.7 * i;
      return `${x.toFixed(1)},${(150 - (120 * value(4 * i)) / top).toFixed(1)}`;
    });
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  };
  const panel = (x: number, title: string, high: string, curve: string) =>
    `<g transform="translate(${x} 0)"><text x="50" y="18">${title}</text><path d="M50 30V150H322" fill="none" stroke="#999"/>` +
    `<text x="44" y="36" text-anchor="end">${high}</text><text x="44" y="152" text-anchor="end">0</text>` +
    `<text x="50" y="168">0</text><text x="320" y="168" text-anchor="end">step 400</text>${curve}</g>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 180" width="680" height="180" font-family="sans-serif" font-size="12" ` +
    `aria-label="Left: the learning rate rises along a line for 40 steps and falls along a cosine. Right: the density target stays at 1, then falls along a line to a half.">` +
    `<rect width="680" height="180" fill="#fff"/>` +
    panel(0, 'learning rate', '0.008', line(rate, 0.008, '#3b82c4')) +
    panel(345, 'P, the target of density', '1', line(target, 1, '#e0641e')) +
    '</svg>'
  );
}
