import { normalizeAxes } from '../tensor/shape.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { asFloating } from './as-floating.ts';
import { defineOp, type Op } from './define.ts';
import { type Axes, keptShape, type ReduceOptions, reducedShape } from './reduction.ts';

export const sum: Op<[x: Tensor, axes?: Axes, options?: ReduceOptions]> = defineOp({
  name: 'sum',
  doc: 'Sum over the given axes (default: all); reduced axes disappear, or stay with size 1 under keepDim. Integers give float32.',
  parse: (x: Tensor, axes?: Axes, { keepDim = false }: ReduceOptions = {}) => ({
    inputs: [asFloating(x)],
    options: { axes: normalizeAxes('sum', axes, x.rank), keepDim },
  }),
  shape: ([x], options) => reducedShape(x.shape, options),
  forward: ([x], { axes }, shape) => {
    const kept = emptyTensor(keptShape(x.shape, axes), x.dtype, x.device);
    x.device.kernels.reduce('sum', x, axes, kept);
    return kept.reshape(shape);
  },
  backward: (g, { shapes: [shape], options: { axes } }) => [g.reshape(keptShape(shape, axes)).expand(shape)],
  saves: [],
  flops: ([x]) => x.size,
  domain: (draw) => {
    const shape = draw.shape();
    return [draw.tensor(shape), draw.axes(shape.length), { keepDim: draw.boolean() }];
  },
});
