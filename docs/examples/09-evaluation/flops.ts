import { defaultModel, fromTypedArray, noGrad, SkipTransformer } from 'hopgrad';

// #region by-hand
const [d, T, hidden] = [64, 96, 4 * 64];
const product = (from: number, to: number) => 2 * from * to; // a multiplication and an addition each
const keysAndValues = 2 * product(d, d);
const queryAndOutput = 2 * product(d, d);
const attention = (2 * 2 * d * (T + 1)) / 2; // scores and values, of (T + 1) / 2 keys in the mean
const feedForward = product(d, hidden) + product(hidden, d);
const router = product(d, 2);

const dense = keysAndValues + queryAndOutput + attention + feedForward;
const routed = (P: number) => keysAndValues + router + P * (queryAndOutput + attention + feedForward);
console.log('a dense layer', dense, 'FLOPs per token');
console.log('half of the tokens skip it', routed(0.5), (routed(0.5) / dense).toFixed(2));
console.log('all skip it', routed(0), (routed(0) / dense).toFixed(2));
// #endregion

// #region counted
const ids = fromTypedArray(
  Int32Array.from({ length: 2 * T }, (_, i) => (i * 7) % 50),
  [2, T],
);
function perToken(layers: number, P: number): { executed: number; dense: number } {
  const shape = { vocabularySize: 50, context: T, dim: d, layers, density: P, feedForward: 4 };
  const model = new SkipTransformer({ ...defaultModel, ...shape, router: 'random' }).eval();
  return noGrad(() => model.forward(ids).flops);
}
const layer = perToken(3, 1).dense - perToken(2, 1).dense;
console.log('a dense layer, as the kernels counted', Math.round(layer));
console.log('of these, products of matrices by hand', `${((100 * dense) / layer).toFixed(0)} %`);
// #endregion

// #region figure
const shares = [0.05, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1];
const counted = shares.map((P) => {
  const { executed, dense } = perToken(6, P);
  return executed / dense;
});
console.log(draw());
// #endregion

function draw(): string {
  const x = (P: number) => (50 + 330 * P).toFixed(1);
  const y = (share: number) => (230 - 200 * share).toFixed(1);
  const dots = shares.map((P, i) => `<circle cx="${x(P)}" cy="${y(counted[i])}" r="4" fill="#e0641e"/>`);
  const ticks = [0, 0.5, 1].map(
    (value) =>
      `<text x="44" y="${+y(value) + 4}" text-anchor="end">${value}</text><text x="${x(value)}" y="248" text-anchor="middle">${value}</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 260" width="600" height="260" font-family="sans-serif" font-size="12" ` +
    `aria-label="Share of the dense model's FLOPs that run, over the density. Dots lie on a line that starts near 0.2, above the diagonal.">` +
    `<rect width="600" height="260" fill="#fff"/><path d="M50 30V230H380" fill="none" stroke="#999"/>${ticks.join('')}` +
    `<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="#999" stroke-dasharray="4 4"/>` +
    `<path d="M${x(0)} ${y(routed(0) / dense)}L${x(1)} ${y(routed(1) / dense)}" stroke="#3b82c4"/>${dots.join('')}` +
    `<text x="395" y="60" fill="#e0641e">counted as it ran, 6 layers</text><text x="395" y="80" fill="#3b82c4">by hand, one layer</text>` +
    `<text x="395" y="100" fill="#777">if a skip saved everything</text><text x="60" y="22">FLOPs executed / dense</text>` +
    `<text x="395" y="234">density P</text></svg>`
  );
}
