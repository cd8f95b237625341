/** What all reductions share: how axes are named and what shape is left. */
import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxes, type Shape } from '../tensor/shape.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import type { OpDefinition } from './define.ts';

/** One axis or several, counted from either end. */
export type Axes = number | readonly number[];

export interface ReduceOptions {
  /** Keep the reduced axes, with size 1. Default false. */
  keepDim?: boolean;
}

/** The shape with every reduced axis of size 1. */
export function keptShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

export function reducedShape(
  shape: Shape,
  { axes, keepDim }: { axes: readonly number[]; keepDim: boolean },
): number[] {
  return keepDim ? keptShape(shape, axes) : shape.filter((_, axis) => !axes.includes(axis));
}

interface ReductionOptions {
  axes: readonly number[];
  keepDim: boolean;
}

/** max and min, which differ in nothing but the comparison. */
export function extremum(
  kind: 'max' | 'min',
  doc: string,
): OpDefinition<[x: Tensor, axes?: Axes, options?: ReduceOptions], ReductionOptions> {
  return {
    name: kind,
    doc,
    parse: (x: Tensor, axes?: Axes, { keepDim = false }: ReduceOptions = {}) => {
      const along = normalizeAxes(kind, axes, x.rank);
      const empty = along.find((axis) => x.shape[axis] === 0);
      if (empty !== undefined) {
        throw new OpError(
          kind,
          `axis ${empty} of ${shapeText(x.shape)} is empty, and nothing has no ${kind}imum`,
        );
      }
      return { inputs: [x], options: { axes: along, keepDim } };
    },
    shape: ([x], options) => reducedShape(x.shape, options),
    forward: ([x], { axes }, shape) => {
      const kept = emptyTensor(keptShape(x.shape, axes), x.dtype, x.device);
      x.device.kernels.reduce(kind, x, axes, kept);
      return kept.reshape(shape);
    },
    backward: (g, { inputs: [x], output, options: { axes } }) => {
      const kept = keptShape(x.shape, axes);
      const hits = x.equal(output.reshape(kept)).to(x.dtype);
      return [hits.mul(g.reshape(kept).div(hits.sum(axes, { keepDim: true })))];
    },
    saves: [0, 'output'],
    flops: ([x]) => x.size,
    domain: (draw) => {
      const shape = draw.shape({ minExtent: 1, maxRank: 3 });
      return [draw.tensor(shape, { distinct: true }), draw.axes(shape.length), { keepDim: draw.boolean() }];
    },
  };
}
