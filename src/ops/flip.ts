import { fromTypedArray } from '../tensor/create.ts';
import { normalizeAxes, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import type { Axes } from './reduction.ts';

export const flip: Op<[x: Tensor, axes?: Axes]> = defineComposite({
  name: 'flip',
  takes: 'x: Tensor, axes?: number | number[]',
  doc: 'The given axes (default: all) read backwards. A copy.',
  compute: (x, axes) => normalizeAxes('flip', axes, x.shape).reduce(backwards, x),
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 3 });
    return [draw.tensor(shape), draw.axes(shape.length)];
  },
});

function backwards(x: Tensor, axis: number): Tensor {
  const front = x.transpose(0, axis);
  const [extent, ...rest] = front.shape;
  const order = Int32Array.from({ length: extent }, (_, i) => extent - 1 - i);
  const index = fromTypedArray(order, [extent], { device: x.device });
  return front
    .reshape([extent, sizeOf(rest)])
    .gatherRows(index)
    .reshape(front.shape)
    .transpose(0, axis);
}
