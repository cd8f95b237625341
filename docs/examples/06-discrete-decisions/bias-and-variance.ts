import {
  fromTypedArray,
  gradients,
  Random,
  randn,
  straightThrough,
  type Tensor,
  takenBranch,
  tensor,
} from 'hopgrad';

// #region problem
const float64 = { dtype: 'float64' } as const;
const token = tensor([1, 0], float64);
const goal = tensor([-0.5, 1], float64);
const layers = [0, 1, 2].map((layer) => {
  const w = randn([2, 2], new Random(3).fork(layer), float64);
  return (x: Tensor) => x.add(x.matmul(w).tanh());
});
const router = [1, -0.5, 0]; // one z before each layer

type Choose = (decision: Tensor, x: Tensor, y: Tensor) => Tensor;

/** The losses of many journeys, one for each row of decisions (N, 3). */
function journeys(decisions: Tensor, choose: Choose): Tensor {
  let x = token.expand([decisions.shape[0], 2]); // (N, 2)
  layers.forEach((layer, i) => {
    x = choose(decisions.slice(1, i, i + 1), x, layer(x));
  });
  return x.sub(goal).square().sum(-1); // (N)
}
// #endregion

// #region exact
const hard: Choose = (active, x, y) => active.where(y, x);
const logP = (z: Tensor, active: Tensor) => active.where(z, z.neg()).sigmoid().log().sum(-1); // (N)

const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
const outcomes = tensor(numbers.map((m) => [m & 1, m & 2, m & 4])).gt(0); // (8, 3)
const z = tensor(router, { ...float64, requiresGrad: true });
const losses = journeys(outcomes, hard); // (8)
const expectedLoss = logP(z, outcomes).exp().mul(losses).sum();
const [exact] = gradients(expectedLoss, [z]);

console.log('losses  ', rounded(losses));
console.log('expected', rounded(expectedLoss));
console.log('gradient', rounded(exact));
// #endregion

// #region estimators
const mix: Choose = (s, x, y) => x.add(s.mul(y.sub(x)));
const pretend: Choose = (s, x, y) => straightThrough(s, s.gt(0.5), x, y);
const taken: Choose = (s, x, y) => {
  const active = s.gt(0.5);
  return takenBranch(active.where(s, s.neg().add(1)), active, x, y);
};

/** Losses (N) of N draws; their gradient is the answer. */
type Estimator = (z: Tensor, noise: Tensor, temperature: number) => Tensor;
const through =
  (choose: Choose): Estimator =>
  (z, noise, temperature) =>
    journeys(z.add(noise).div(temperature).sigmoid(), choose);
const soft = through(mix);
const a = through(pretend);
const b = through(taken);

const score =
  (baseline: number): Estimator =>
  (z, noise) => {
    const active = z.add(noise).gt(0);
    return journeys(active, hard).sub(baseline).mul(logP(z, active));
  };
// #endregion

// #region measure
const draws = 20_000;
const random = new Random(0).fork('draws');
const gumbels = () => {
  const data = new Float64Array(draws * 3);
  random.fillGumbel(data);
  return fromTypedArray(data, [draws, 3]);
};
const noise = gumbels().sub(gumbels()); // g₁ − g₀
const squared = (t: Tensor) => t.square().sum(-1);

function measure(estimator: Estimator, temperature = 1) {
  // Every draw has a z of its own, and so an answer of its own.
  const copies = tensor(router, float64).expand([draws, 3]).contiguous();
  copies.requiresGrad = true;
  const losses = estimator(copies, noise, temperature);
  const [answers] = gradients(losses.sum(), [copies]); // (N, 3)
  const mean = answers.mean(0);
  return {
    bias: squared(mean.sub(exact)).div(squared(exact)).sqrt().item(),
    variance: squared(answers.sub(mean)).mean().div(squared(exact)).item(),
  };
}
// #endregion

// #region table
const [plain, less] = [score(0), score(expectedLoss.item())];
console.log('                   bias  variance');
console.log('score function    ', row(measure(plain)));
console.log('less a baseline   ', row(measure(less)));
for (const [name, estimator] of Object.entries({ soft, a, b })) {
  for (const temperature of [0.1, 1, 5]) {
    const label = `${name}, τ = ${temperature}`.padEnd(18);
    console.log(label, row(measure(estimator, temperature)));
  }
}
// #endregion

function row({ bias, variance }: ReturnType<typeof measure>): string {
  return `${bias.toFixed(2)}  ${variance.toFixed(2).padStart(8)}`;
}

function rounded(values: Tensor): string {
  return Array.from(values.toTypedArray(), (value) => value.toFixed(2)).join('  ');
}

const temperatures = [0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5];
const curve = (estimator: Estimator) => temperatures.map((temperature) => measure(estimator, temperature));
const level = (estimator: Estimator) => {
  const same = measure(estimator);
  return temperatures.map(() => same);
};

// #region bias
const curves = [
  { name: 'A', colour: '#d97706', points: curve(a) },
  { name: 'B', colour: '#b3261e', points: curve(b) },
  { name: 'soft', colour: '#3b82c4', points: curve(soft) },
  { name: 'score function less a baseline', colour: '#666', points: level(less) },
];
const linear = (bias: number) => 1 - bias / 0.9;
console.log(chart('bias', [0, 0.25, 0.5, 0.75], linear));
// #endregion

// #region variance
curves.push({ name: 'score function', colour: '#999', points: level(plain) });
console.log(
  chart('variance', [0.001, 0.01, 0.1, 1, 10, 100], (variance) => (2 - Math.log10(variance)) / 5.3),
);
// #endregion

/** The curves of one figure over temperature, on a logarithmic axis; `down` says how far down a value stands, 0 to 1. */
function chart(figure: 'bias' | 'variance', ticks: number[], down: (value: number) => number): string {
  const across = (temperature: number) => 44 + 230 * (Math.log10(temperature) + 1);
  const below = (value: number) => 44 + 210 * Math.min(1, down(value));
  const text = (x: number, y: number, words: string | number, colour = '#222') =>
    `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" fill="${colour}">${words}</text>`;
  const line = ({ name, colour, points }: (typeof curves)[number]) => {
    const dashes = name.startsWith('score') ? ' stroke-dasharray="5 4"' : '';
    const path = points.map((p, i) => `${across(temperatures[i]).toFixed(1)},${below(p[figure]).toFixed(1)}`);
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`;
  };
  const legend = curves.map(
    ({ name, colour }) => `<tspan fill="${colour}">${name}</tspan><tspan>    </tspan>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 310" width="480" font-family="sans-serif" font-size="13" aria-label="The ${figure} of the estimators over temperature, from 0.1 to 5, in units of the exact gradient: ${curves.map(({ name, points }) => `${name} from ${points[0][figure].toFixed(2)} to ${points.at(-1)?.[figure].toFixed(2)}`).join(', ')}.">
${ticks.map((tick) => `<path d="M44 ${below(tick).toFixed(1)}H450" stroke="#ddd"/>${text(8, below(tick) + 4, tick)}`).join('')}
${[0.1, 0.2, 0.5, 1, 2, 5].map((t) => text(across(t) - 8, 274, t)).join('')}${text(200, 298, 'temperature')}
<text x="8" y="18" xml:space="preserve"><tspan fill="#222">${figure}:  </tspan>${legend.join('')}</text>
${curves.map(line).join('\n')}
</svg>`;
}
