/** What all reductions share: how axes are named, what shape is left, and the kernel. */
import type { Reduction } from '../../kernels/contract.ts';
import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxes, type Shape } from '../tensor/shape.ts';
import { emptyTensor, Tensor } from '../tensor/tensor.ts';
import { asFloating } from './as-floating.ts';
import type { OpDefinition } from './define.ts';

/** One axis or several, counted from either end. */
export type Axes = number | readonly number[];

export interface ReduceOptions {
  /** Keep the reduced axes, with size 1. Default false. */
  keepDim?: boolean;
}

export const reductionTakes = 'x: Tensor, axes?: number | number[], options?: { keepDim }';

export type ReductionArgs = [x: Tensor, axes?: Axes, options?: ReduceOptions];

/** The same, in order: ascending axes from the front. */
interface Reduced {
  readonly axes: readonly number[];
  readonly keepDim: boolean;
}

/** The shape with every reduced axis of size 1. */
export function keptShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

export function reducedShape(shape: Shape, { axes, keepDim }: Reduced): number[] {
  return keepDim ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}

/** @throws OpError if one of the axes is empty. */
export function requireSome(op: string, shape: Shape, axes: readonly number[]): void {
  const empty = axes.find((axis) => shape[axis] === 0);
  if (empty === undefined) return;
  throw new OpError(op, `axis ${empty} of ${shapeText(shape)} is empty, and of nothing there is no ${op}`);
}

/** The definition of a reduction over the kernel, but for its gradient. */
export function reduction(
  kind: Reduction,
): Pick<OpDefinition<ReductionArgs, Reduced>, 'name' | 'takes' | 'parse' | 'shape' | 'forward' | 'flops'> {
  return {
    name: kind,
    takes: reductionTakes,
    parse: (x: Tensor, axes?: Axes, { keepDim = false }: ReduceOptions = {}) => {
      const options = { axes: normalizeAxes(kind, axes, x.shape), keepDim };
      if (kind === 'sum' || kind === 'prod') return { inputs: [asFloating(x)], options };
      requireSome(kind, x.shape, options.axes);
      return { inputs: [x], options };
    },
    shape: ([x], options) => reducedShape(x.shape, options),
    forward: ([x], { axes }, shape) => {
      const kept = emptyTensor(keptShape(x.shape, axes), x.dtype, x.device);
      x.device.kernels.reduce(kind, x, axes, kept);
      return new Tensor(kept.storage, shape);
    },
    flops: ([x]) => x.size,
  };
}
