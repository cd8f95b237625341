import { normalizeAxes, sizeOf } from '../tensor/shape.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { asFloating } from './as-floating.ts';
import { defineOp, type Op } from './define.ts';
import { type Axes, keptShape, type ReduceOptions, reducedShape } from './reduction.ts';
import { productBefore } from './scan.ts';

export const prod: Op<[x: Tensor, axes?: Axes, options?: ReduceOptions]> = defineOp({
  name: 'prod',
  doc: 'Product over the given axes (default: all); 1 over nothing. Integers give float32. Zeros get their right gradient.',
  parse: (x: Tensor, axes?: Axes, { keepDim = false }: ReduceOptions = {}) => ({
    inputs: [asFloating(x)],
    options: { axes: normalizeAxes('prod', axes, x.rank), keepDim },
  }),
  shape: ([x], options) => reducedShape(x.shape, options),
  forward: ([x], { axes }, shape) => {
    const kept = emptyTensor(keptShape(x.shape, axes), x.dtype, x.device);
    x.device.kernels.reduce('prod', x, axes, kept);
    return kept.reshape(shape);
  },
  backward: (g, { inputs: [x], options: { axes } }) => {
    // The product of the others, from both sides: no division by an x that may be 0.
    const lead = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const order = [...lead, ...axes];
    const moved = x.permute(order);
    const count = sizeOf(axes.map((axis) => x.shape[axis]));
    const rows = moved.reshape([...lead.map((axis) => x.shape[axis]), count]);
    const others = productBefore(rows).mul(productBefore(rows.flip(-1)).flip(-1));
    const back = order.map((_, axis) => order.indexOf(axis));
    return [
      others
        .reshape(moved.shape)
        .permute(back)
        .mul(g.reshape(keptShape(x.shape, axes))),
    ];
  },
  flops: ([x]) => x.size,
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 3, maxExtent: 3 });
    return [draw.tensor(shape), draw.axes(shape.length), { keepDim: draw.boolean() }];
  },
});
