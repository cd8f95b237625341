import { normalizeAxes, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import type { Axes, ReduceOptions } from './reduction.ts';

export const mean: Op<[x: Tensor, axes?: Axes, options?: ReduceOptions]> = defineComposite({
  name: 'mean',
  doc: 'Arithmetic mean over the given axes (default: all); NaN over nothing.',
  compute: (x, axes, options) => {
    const count = sizeOf(normalizeAxes('mean', axes, x.rank).map((axis) => x.shape[axis]));
    return x.sum(axes, options).div(count);
  },
  domain: (draw) => {
    const shape = draw.shape({ minExtent: 1 });
    return [draw.tensor(shape), draw.axes(shape.length), { keepDim: draw.boolean() }];
  },
});
