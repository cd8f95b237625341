import { AdamW, Sgd, tensor } from 'hopgrad';

// #region average
const beta = 0.9;
let average = 0;
for (let t = 1; t <= 4; t++) {
  average = beta * average + (1 - beta) * 5; // the gradient is 5 each time
  console.log(t, average.toFixed(3), (average / (1 - beta ** t)).toFixed(3));
}
// #endregion

// #region one-step
const theta = tensor([2], { requiresGrad: true });
theta.mul(3).sum().backward(); // the gradient is 3
new AdamW([['theta', theta]], { betas: [0.9, 0.95], weightDecay: 0.1 }).step(0.01);
console.log(theta.item().toFixed(4));

const [m, v] = [0.1 * 3, 0.05 * 3 ** 2];
const move = m / (1 - 0.9) / (Math.sqrt(v / (1 - 0.95)) + 1e-8);
console.log((2 - 0.01 * 0.1 * 2 - 0.01 * move).toFixed(4));
// #endregion

// #region valley
/** Where an optimizer goes in the valley (x² + 50 y²) / 2, from (−9, 1.5). */
function walk(make: (named: [string, typeof theta][]) => Sgd | AdamW, rate: number): number[][] {
  const place = tensor([-9, 1.5], { requiresGrad: true });
  const optimizer = make([['place', place]]);
  const path = [place.toArray() as number[]];
  for (let step = 0; step < 30; step++) {
    const loss = place
      .square()
      .mul(tensor([1, 50]))
      .sum()
      .mul(0.5);
    loss.backward();
    optimizer.step(rate);
    optimizer.zeroGrad();
    path.push(place.toArray() as number[]);
  }
  return path;
}
const walks = {
  SGD: walk((named) => new Sgd(named), 0.038),
  'SGD with momentum': walk((named) => new Sgd(named, { momentum: 0.9 }), 0.01),
  AdamW: walk((named) => new AdamW(named, { betas: [0.9, 0.95], weightDecay: 0 }), 0.8),
};
for (const [name, path] of Object.entries(walks)) {
  const [x, y] = path[30];
  console.log(name.padEnd(18), 'after 30 steps:', x.toFixed(2), y.toFixed(2));
}
// #endregion

// #region paths
console.log(drawValley());
// #endregion

function drawValley(): string {
  const colours = ['#3b82c4', '#e08a1e', '#0b6e4f'];
  const at = ([x, y]: number[]) => `${(330 + 31 * x).toFixed(1)},${(110 - 42 * y).toFixed(1)}`;
  const rings = [0.05, 0.25, 1, 2.5, 5].map((scale) => {
    const [rx, ry] = [31 * 4 * Math.sqrt(scale), (42 * 4 * Math.sqrt(scale)) / Math.sqrt(50)];
    return `<ellipse cx="330" cy="110" rx="${rx.toFixed(1)}" ry="${ry.toFixed(1)}" fill="none" stroke="#ccc"/>`;
  });
  const paths = Object.entries(walks).map(([name, path], i) => {
    const line = `<polyline points="${path.map(at).join(' ')}" fill="none" stroke="${colours[i]}" stroke-width="1.5"/>`;
    const dots = path.map((place) => {
      const [cx, cy] = at(place).split(',');
      return `<circle cx="${cx}" cy="${cy}" r="2.2" fill="${colours[i]}"/>`;
    });
    const label = `<text x="${40 + 170 * i}" y="212" fill="${colours[i]}">${name}</text>`;
    return line + dots.join('') + label;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 220" width="640" height="220" font-family="sans-serif" font-size="13" ` +
    `aria-label="Paths of three optimizers in a narrow valley: SGD zigzags and creeps, momentum swings, AdamW goes along the valley.">` +
    `<rect width="640" height="220" fill="#fff"/>${rings.join('')}${paths.join('')}</svg>`
  );
}
