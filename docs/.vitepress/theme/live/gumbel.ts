/**
 * What the page on discrete decisions computes: draws of Gumbel-softmax, and estimators of a gradient beside the exact
 * one, for a problem so small that all its outcomes can be listed.
 */
import {
  fromTypedArray,
  gradients,
  Random,
  straightThrough,
  type Tensor,
  takenBranch,
  tensor,
} from 'hopgrad';

/** Probabilities of a categorical from its logits. */
export function softmaxOf(logits: readonly number[]): number[] {
  return [...row(logits).softmax().toTypedArray()];
}

export interface Draws {
  /** softmax((logits + Gumbel noise) / temperature), a list of chances for every draw. */
  soft: number[][];
  /** The choice of every draw: where logits + noise are largest. */
  choices: number[];
  /** How often each choice was made, as a share of all. */
  frequencies: number[];
  /** The mean of the soft draws. */
  mean: number[];
  /** The mean of the largest chance of a draw: 1 where every draw is a hard choice. */
  sharpness: number;
}

/** Draws of Gumbel-softmax; for a seed the noise is the same at every temperature. */
export function drawGumbel(
  logits: readonly number[],
  { temperature, count, seed }: { temperature: number; count: number; seed: number },
): Draws {
  const options = logits.length;
  const noisy = row(logits).add(gumbelNoise([count, options], new Random(seed)));
  const choices = [...noisy.argmax(-1).toTypedArray()];
  const y = noisy.div(temperature).softmax();
  const soft = y.toArray() as number[][];
  return {
    soft,
    choices,
    frequencies: logits.map((_, option) => choices.filter((choice) => choice === option).length / count),
    mean: [...y.mean(0).toTypedArray()],
    sharpness: y.max(-1).mean().item(),
  };
}

function row(values: readonly number[]): Tensor {
  return tensor([...values], { dtype: 'float64' });
}

function gumbelNoise(shape: readonly number[], random: Random): Tensor {
  const noise = new Float64Array(shape.reduce((product, extent) => product * extent, 1));
  random.fillGumbel(noise);
  return fromTypedArray(noise, shape);
}

/** What the output of the gates is worth; low is good. All take and give one number a row. */
export const losses = {
  'squared error': (out: Tensor, target: number): Tensor => out.sub(target).square(),
  'absolute error': (out: Tensor, target: number): Tensor => out.sub(target).abs(),
  'fourth power': (out: Tensor, target: number): Tensor => out.sub(target).square().square(),
  'the output itself': (out: Tensor): Tensor => out,
} as const;

export type LossName = keyof typeof losses;

/**
 * Gates that are open with probability σ(θ), each for itself; θ is the one parameter. An open gate gives y, a closed one
 * x, and the output is the mean over the gates. The expected loss is J(θ) = Σ over outcomes of p(outcome) · loss.
 */
export interface Problem {
  gates: number;
  theta: number;
  x: number;
  y: number;
  target: number;
  loss: LossName;
}

export interface Exact {
  /** The probability that a gate is open. */
  open: number;
  expectedLoss: number;
  gradient: number;
}

/** J and dJ/dθ, from all 2^gates outcomes. */
export function enumerate({ gates, theta, x, y, target, loss }: Problem): Exact {
  const parameter = tensor(theta, { dtype: 'float64', requiresGrad: true });
  const outcomes = 2 ** gates;
  const bits = Uint8Array.from(
    { length: outcomes * gates },
    (_, i) => (Math.floor(i / gates) >> (i % gates)) & 1,
  );
  const open = fromTypedArray(bits, [outcomes, gates]);
  const chances = open.where(parameter.sigmoid(), parameter.neg().sigmoid()); // (2^gates, gates)
  const out = open.where(tensor(y, { dtype: 'float64' }), tensor(x, { dtype: 'float64' })).mean(-1);
  const expected = chances.log().sum(-1).exp().mul(losses[loss](out, target)).sum();
  const [gradient] = gradients(expected, [parameter]);
  return {
    open: parameter.sigmoid().item(),
    expectedLoss: expected.item(),
    gradient: gradient.item(),
  };
}

export const estimatorNames = [
  'straight-through',
  'Gumbel-softmax ST',
  'taken-branch',
  'relaxed',
  'score function',
  'score function, baseline',
] as const;

export type EstimatorLabel = (typeof estimatorNames)[number];

export interface EstimatorFigures {
  name: EstimatorLabel;
  mean: number;
  /** Of one draw: the root of its variance. */
  spread: number;
  /** Of the mean: spread / √draws. */
  standardError: number;
  bias: number;
  /** Whether the bias is more than three standard errors, or only what chance explains. */
  biased: boolean;
  /** Every draw's answer. */
  answers: Float64Array;
}

/** Every estimator's answers to the same draws. */
export function compareEstimators(
  problem: Problem,
  { temperature, count, seed }: { temperature: number; count: number; seed: number },
): { exact: Exact; figures: EstimatorFigures[] } {
  const exact = enumerate(problem);
  const noise = noiseOf(count, problem.gates, seed);
  const figures = estimatorNames.map((name): EstimatorFigures => {
    const answers = answersOf(name, problem, noise, temperature, exact.expectedLoss);
    const mean = answers.reduce((sum, answer) => sum + answer, 0) / count;
    const spread = Math.sqrt(
      answers.reduce((sum, answer) => sum + (answer - mean) ** 2, 0) / Math.max(1, count - 1),
    );
    const standardError = spread / Math.sqrt(count);
    const bias = mean - exact.gradient;
    return {
      name,
      mean,
      spread,
      standardError,
      bias,
      biased: Math.abs(bias) > 3 * standardError + 1e-9 * Math.max(1, Math.abs(exact.gradient)),
      answers,
    };
  });
  return { exact, figures };
}

let lastNoise: { key: string; noise: Tensor } | null = null;

/** The same draws again while only the problem changes. */
function noiseOf(count: number, gates: number, seed: number): Tensor {
  const key = `${count},${gates},${seed}`;
  if (lastNoise?.key !== key) lastNoise = { key, noise: gumbelNoise([count, gates, 2], new Random(seed)) };
  return lastNoise.noise;
}

/** dloss/dθ as one estimator has it, for every draw. */
function answersOf(
  name: EstimatorLabel,
  { gates, theta, x, y, target, loss }: Problem,
  noise: Tensor,
  temperature: number,
  baseline: number,
): Float64Array {
  const count = noise.shape[0];
  // A θ for every draw, so that the gradient of the sum of all losses comes apart by draw.
  const parameter = constant(theta, [count, 1, 1]);
  parameter.requiresGrad = true;
  // A gate's two logits are 0 to stay closed and θ to open, as a router's: index 1 is open.
  const zero = constant(0, [count, gates, 1]);
  const opened = zero.add(parameter);
  const [noise0, noise1] = [noise.slice(-1, 0, 1), noise.slice(-1, 1, 2)];
  const active = opened.detach().add(noise1).gt(noise0); // (N, gates, 1)
  const [skip, run] = [constant(x, [count, gates, 1]), constant(y, [count, gates, 1])];
  // softmax over two options is a sigmoid of the difference.
  const soft = opened.add(noise1).sub(noise0).div(temperature).sigmoid(); // s₁ with noise
  const outcome = (): Tensor => {
    switch (name) {
      case 'straight-through':
        return straightThrough(opened.sigmoid(), active, skip, run);
      case 'Gumbel-softmax ST':
        return straightThrough(soft, active, skip, run);
      case 'taken-branch':
        return takenBranch(active.where(soft, soft.neg().add(1)), active, skip, run);
      case 'relaxed':
        return skip.add(soft.mul(run.sub(skip)));
      default:
        return active.where(run, skip);
    }
  };
  const lossOf = losses[loss](outcome().mean([1, 2]), target); // (N)
  const isScore = name.startsWith('score function');
  // (loss − baseline) · log p(outcome): its gradient is the score function's answer.
  const surrogate = isScore
    ? lossOf
        .detach()
        .sub(name === 'score function' ? 0 : baseline)
        .mul(active.where(opened.sigmoid(), opened.neg().sigmoid()).log().sum([1, 2]))
    : lossOf;
  const [answers] = gradients(surrogate.sum(), [parameter]);
  return Float64Array.from(answers.toTypedArray());
}

function constant(value: number, shape: readonly number[]): Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return fromTypedArray(new Float64Array(size).fill(value), shape);
}

/** Corners of an equilateral triangle of side 1, and a point in it by its chances of three options. */
export function inTriangle(chances: readonly number[]): { x: number; y: number } {
  const [, second, third] = chances;
  return { x: second + third / 2, y: 1 - (third * Math.sqrt(3)) / 2 };
}
