/**
 * What a gradient is, as laws: each takes a function of tensors, leaves to take it at and a seed, and throws where the
 * function's backward breaks it. Leaves are float64, and f is smooth around them.
 *
 * The properties try every op on every law; a counterexample in a report is a call of one, ready to be pasted into a
 * test. See Griewank & Walther, Evaluating Derivatives, chapters 3 and 4, for what they say.
 */
import { fromTypedArray, gradcheck, Random, type Tensor } from '../../src/index.ts';
import {
  dot,
  jacobianVectorProduct,
  largest,
  likeOf,
  normalLike,
  numbersOf,
  type TensorFunction,
  vectorJacobianProduct,
} from './derivatives.ts';
import { measured } from './runs.ts';

export type Law = (f: TensorFunction, leaves: readonly Tensor[], seed: number) => void;

/** |analytic − numeric| ≤ 1e-6 · max(1, ‖numeric‖∞), everywhere. Not to be loosened: look for the cause. */
const TOLERANCE = 1e-6;

/** wᵀJ, for a random cotangent w, is the slope of Σ w · f along every element, and its own gradients are slopes too. */
export const gradientsAreSlopes: Law = (f, leaves, seed) => {
  const report = gradcheck(f, leaves, { order: 2, tolerance: TOLERANCE, seed });
  report.worstByOrder.forEach((error, i) => {
    measured(`order ${i + 1}`, error);
  });
  if (!report.passed) throw new Error(report.message);
};

/**
 * (wᵀJ) · v is the slope of Σ w · f along one random direction v through all elements at once: a check whose cost does
 * not grow with size, for shapes beyond the reach of the one above. Five-point differences, as in gradcheck.
 */
export const gradientPointsAlongSlope: Law = (f, leaves, seed) => {
  const random = new Random(seed);
  const w = normalLike(f(...leaves), random);
  const v = leaves.map((leaf) => normalLike(leaf, random));
  const analytic = vectorJacobianProduct(f, leaves, w).reduce((sum, part, i) => sum + dot(part, v[i]), 0);
  const step = 1e-3 / Math.max(1, ...v.map((direction) => largest(numbersOf(direction))));
  const at = (steps: number): number =>
    dot(f(...leaves.map((leaf, i) => leaf.add(v[i].mul(steps * step)))), w);
  const numeric = (at(-2) - 8 * at(-1) + 8 * at(1) - at(2)) / (12 * step);
  if (!(Math.abs(analytic - numeric) <= TOLERANCE * Math.max(1, Math.abs(numeric)))) {
    throw new Error(`along a direction: analytic ${analytic}, numeric ${numeric}`);
  }
};

/**
 * The whole Jacobian by two routes that share nothing: backward gives it row by row (a basis cotangent picks one
 * output), nudged inputs give it column by column.
 */
export const jacobiansAgree: Law = (f, leaves) => {
  if (leaves.every((leaf) => leaf.size === 0) || f(...leaves).size === 0) return;
  const rows = jacobianByRows(f, leaves);
  const columns = jacobianByColumns(f, leaves);
  const bound = TOLERANCE * Math.max(1, largest(columns.flat()));
  rows.forEach((row, output) => {
    row.forEach((slope, input) => {
      const measured = columns[input][output];
      if (Math.abs(slope - measured) <= bound) return;
      throw new Error(`∂ output ${output} / ∂ input ${input}: ${slope}, measured ${measured}`);
    });
  });
};

/** J[output][input] from one backward per output element. */
function jacobianByRows(f: TensorFunction, leaves: readonly Tensor[]): number[][] {
  const y = f(...leaves);
  return Array.from({ length: y.size }, (_, output) => {
    const basis = likeOf(y, (i) => (i === output ? 1 : 0));
    return vectorJacobianProduct(f, leaves, basis).flatMap(numbersOf);
  });
}

/** J[input][output], transposed, from two calls of f per input element. */
function jacobianByColumns(f: TensorFunction, leaves: readonly Tensor[]): number[][] {
  const step = 1e-5;
  return leaves.flatMap((leaf, which) =>
    numbersOf(leaf).map((_, element) => {
      const at = (by: number): number[] => {
        const moved = Float64Array.from(numbersOf(leaf));
        moved[element] += by;
        return numbersOf(f(...leaves.with(which, fromTypedArray(moved, leaf.shape))));
      };
      const behind = at(-step);
      return at(step).map((ahead, output) => (ahead - behind[output]) / (2 * step));
    }),
  );
}

/** Backward is a linear map of the cotangent: backward(αu + βv) = α backward(u) + β backward(v). */
export const backwardIsLinear: Law = (f, leaves, seed) => {
  const y = f(...leaves);
  const random = new Random(seed);
  const [u, v] = [normalLike(y, random), normalLike(y, random)];
  const [alpha, beta] = [0.75, -2.5];
  const together = vectorJacobianProduct(f, leaves, u.mul(alpha).add(v.mul(beta)));
  const fromU = vectorJacobianProduct(f, leaves, u);
  const fromV = vectorJacobianProduct(f, leaves, v);
  together.forEach((gradient, i) => {
    const apart = numbersOf(fromU[i].mul(alpha).add(fromV[i].mul(beta)));
    const error = largest(numbersOf(gradient).map((value, k) => value - apart[k]));
    if (!(error <= 1e-12 * Math.max(1, largest(apart)))) {
      throw new Error(`the gradients of input ${i} for αu + βv and for u and v differ by ${error}`);
    }
  });
};

/** Backward is the transpose of the derivative: w · (Jv) = (wᵀJ) · v, Jv by forward mode through two backwards. */
export const backwardIsTransposed: Law = (f, leaves, seed) => {
  const random = new Random(seed);
  const w = normalLike(f(...leaves), random);
  const v = leaves.map((leaf) => normalLike(leaf, random));
  const forward = dot(w, jacobianVectorProduct(f, leaves, v));
  const parts = vectorJacobianProduct(f, leaves, w).map((gradient, i) => dot(gradient, v[i]));
  const reverse = parts.reduce((sum, part) => sum + part, 0);
  if (!(Math.abs(forward - reverse) <= 1e-11 * Math.max(1, largest(parts)))) {
    throw new Error(`w · (Jv) is ${forward}, (wᵀJ) · v is ${reverse}`);
  }
};
