/** The words of differential calculus over hopgrad, for the properties that are stated in them. */
import { fromTypedArray, gradients, type Random, randn, type Tensor } from '../../src/index.ts';

/** A function of tensors. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor;

/** The same values as a leaf that collects gradients. */
export function leafOf(x: Tensor): Tensor {
  const leaf = x.detach();
  leaf.requiresGrad = true;
  return leaf;
}

/** Fills a float64 tensor of x's shape. */
export function likeOf(x: Tensor, value: (index: number) => number): Tensor {
  return fromTypedArray(
    Float64Array.from({ length: x.size }, (_, i) => value(i)),
    x.shape,
  );
}

/** wᵀJ: the gradient of Σ w · f(x) with respect to every input. */
export function vectorJacobianProduct(f: TensorFunction, inputs: readonly Tensor[], w: Tensor): Tensor[] {
  const leaves = inputs.map(leafOf);
  const y = f(...leaves);
  return y.requiresGrad ? gradients(y, leaves, { gradient: w }) : leaves.map((x) => likeOf(x, () => 0));
}

/**
 * Jv, the derivative of f along the direction v, from two backward passes: g(w) = wᵀJ is linear in w, so the gradient
 * of g(w) · v with respect to w is Jv, whatever w is.
 */
export function jacobianVectorProduct(
  f: TensorFunction,
  inputs: readonly Tensor[],
  v: readonly Tensor[],
): Tensor {
  const leaves = inputs.map(leafOf);
  const y = f(...leaves);
  if (!y.requiresGrad) return likeOf(y, () => 0);
  const w = leafOf(likeOf(y, (i) => Math.sin(i)));
  const g = gradients(y, leaves, { gradient: w, createGraph: true });
  const along = g.map((part, i) => part.mul(v[i]).sum()).reduce((total, part) => total.add(part));
  return along.requiresGrad ? gradients(along, [w])[0] : likeOf(y, () => 0);
}

/** The elements in reading order. */
export function numbersOf(x: Tensor): number[] {
  return Array.from<number>(x.toTypedArray());
}

/** Standard normal numbers in the shape of x. */
export function normalLike(x: Tensor, random: Random): Tensor {
  return randn(x.shape, random, { dtype: 'float64' });
}

/** Σ a · b over all elements. */
export function dot(a: Tensor, b: Tensor): number {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}

/** The largest magnitude among the numbers; 0 if there are none. */
export function largest(values: Iterable<number>): number {
  let result = 0;
  for (const value of values) result = Math.max(result, Math.abs(value));
  return result;
}
