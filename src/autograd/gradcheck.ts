/**
 * Are the gradients right? Compares what `backward` says with finite differences of the function itself, in float64,
 * for a random cotangent: a plain sum would hide every mistake that the sum cancels (the gradient of Σ softmax is 0).
 */
import { OpError, shapeText } from '../tensor/errors.ts';
import { Random } from '../tensor/random.ts';
import { indexAt } from '../tensor/shape.ts';
import { type Tensor, uploadTensor } from '../tensor/tensor.ts';
import { gradients } from './backward.ts';
import { withGradMode } from './mode.ts';

export interface GradcheckOptions {
  /** 1 checks gradients; 2 also checks the gradients of gradients, and so on. Default 1. */
  order?: number;
  /** Bound on |analytic − numeric| / max(1, largest |numeric|), input by input. Default 1e-6. */
  tolerance?: number;
  /** For the cotangents and directions. Default 0. */
  seed?: number;
  /** Named in the report. Default 'function'. */
  name?: string;
}

/** One element whose derivatives differ. */
export interface GradcheckFailure {
  /** Which order of differentiation. */
  order: number;
  /** Which argument of f. */
  input: number;
  /** Index of the element along each axis. */
  element: number[];
  analytic: number;
  numeric: number;
}

export interface GradcheckReport {
  passed: boolean;
  /** Largest |analytic − numeric| / max(1, largest |numeric|) seen, over all orders. */
  worst: number;
  /** The same order by order: of gradients first, then of their gradients. */
  worstByOrder: number[];
  failures: GradcheckFailure[];
  /** A line for people. */
  message: string;
}

/**
 * Checks the gradients of `f` at `inputs` (float64; f must be smooth there).
 *
 * Numeric derivatives are five-point central differences, (f(−2h) − 8 f(−h) + 8 f(h) − f(2h)) / 12h with h = 1e-3,
 * whose error is of order h⁴: about 1e-11 for functions of moderate curvature.
 *
 * @throws OpError if an input is not float64 or the result is not floating
 */
export function gradcheck(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  { order = 1, tolerance = 1e-6, seed = 0, name = 'function' }: GradcheckOptions = {},
): GradcheckReport {
  const wrong = inputs.findIndex((x) => x.dtype !== 'float64');
  if (wrong >= 0) {
    throw new OpError(
      'gradcheck',
      `input ${wrong} is ${inputs[wrong].dtype}; finite differences need float64`,
      "x.to('float64')",
    );
  }
  const random = new Random(seed);
  const failures: GradcheckFailure[] = [];
  const worstByOrder: number[] = [];
  let g = f;
  for (let level = 1; level <= order; level++) {
    const { error, misses } = checkOnce(g, inputs, random.fork(level), tolerance, level);
    worstByOrder.push(error);
    failures.push(...misses);
    const below = g;
    const directions = random.fork(`directions ${level}`).state();
    g = (...xs) => slopeAlong(below, xs, Random.fromState(directions));
  }
  const passed = failures.length === 0;
  const worst = Math.max(0, ...worstByOrder);
  return { passed, worst, worstByOrder, failures, message: describe(name, inputs, worst, failures) };
}

/** The derivative of Σ w·f along a fixed random direction, as a function of the inputs that can be differentiated on. */
function slopeAlong(f: (...inputs: Tensor[]) => Tensor, xs: readonly Tensor[], random: Random): Tensor {
  const y = f(...xs);
  const parts = y.requiresGrad
    ? gradients(y, xs, { gradient: like(y, random), createGraph: true }).map((g) =>
        g.mul(like(g, random)).sum(),
      )
    : [];
  return parts.reduce((total, part) => total.add(part), scalarZero(xs[0]));
}

function scalarZero(x: Tensor): Tensor {
  return uploadTensor(Float64Array.of(0), [], 'float64', x.device);
}

/** Random numbers of a tensor's shape. */
function like(x: Tensor, random: Random): Tensor {
  const data = new Float64Array(x.size);
  random.fillNormal(data);
  return uploadTensor(data, x.shape, 'float64', x.device);
}

/** A leaf that copies x. */
function leaf(data: Float64Array, x: Tensor): Tensor {
  const result = uploadTensor(data, x.shape, 'float64', x.device);
  result.requiresGrad = true;
  return result;
}

function checkOnce(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  random: Random,
  tolerance: number,
  order: number,
): { error: number; misses: GradcheckFailure[] } {
  const values = inputs.map((x) => x.toTypedArray() as Float64Array);
  const run = (): { y: Tensor; xs: Tensor[] } => {
    const xs = inputs.map((x, i) => leaf(values[i], x));
    return { y: withGradMode(true, () => f(...xs)), xs };
  };
  const { y, xs } = run();
  if (y.dtype !== 'float64') throw new OpError('gradcheck', `the result is ${y.dtype}; it must be float64`);
  const cotangent = like(y, random);
  const weights = cotangent.toTypedArray();
  const analytic = y.requiresGrad
    ? gradients(y, xs, { gradient: cotangent }).map((g) => g.toTypedArray())
    : xs.map((x) => new Float64Array(x.size));
  const loss = (): number => {
    let sum = 0;
    run()
      .y.toTypedArray()
      .forEach((value: number, i: number) => {
        sum += value * weights[i];
      });
    return sum;
  };
  const numeric = values.map((value) => Float64Array.from(value, (_, i) => fivePoint(value, i, loss)));
  let error = 0;
  const misses: GradcheckFailure[] = [];
  numeric.forEach((n, input) => {
    const scale = n.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
    n.forEach((expected, i) => {
      const difference = Math.abs(analytic[input][i] - expected) / scale;
      if (difference <= tolerance) {
        error = Math.max(error, difference);
        return;
      }
      error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(error, difference);
      const element = indexAt(i, inputs[input].shape);
      misses.push({ order, input, element, analytic: analytic[input][i], numeric: expected });
    });
  });
  return { error, misses };
}

const STEP = 1e-3;

/** ∂loss / ∂value[i]. */
function fivePoint(value: Float64Array, i: number, loss: () => number): number {
  const middle = value[i];
  const at = (steps: number): number => {
    value[i] = middle + steps * STEP;
    return loss();
  };
  const slope = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * STEP);
  value[i] = middle;
  return slope;
}

function describe(
  name: string,
  inputs: readonly Tensor[],
  worst: number,
  failures: readonly GradcheckFailure[],
): string {
  const shapes = inputs.map((x) => shapeText(x.shape)).join(', ');
  if (failures.length === 0) return `gradcheck: ${name} on ${shapes}: right, error ${worst.toExponential(1)}`;
  const [first] = failures;
  return (
    `gradcheck: ${name} on ${shapes}: ${failures.length} wrong; first at order ${first.order}, input ${first.input}, ` +
    `element [${first.element.join(', ')}]: analytic ${first.analytic}, numeric ${first.numeric}`
  );
}
