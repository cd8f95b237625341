import { OpError, shapeText } from '../tensor/errors.ts';
import { broadcastStrides, isExtents, type Shape } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { defineOp, type Op } from './define.ts';
import { unbroadcast } from './unbroadcast.ts';

export const expand: Op<[x: Tensor, shape: Shape]> = defineOp({
  name: 'expand',
  takes: 'x: Tensor, shape: number[]',
  doc: 'Stretches axes of size 1, and adds leading axes, to reach a shape; −1 keeps an extent. A view with strides 0.',
  parse: (x: Tensor, shape: Shape) => {
    const lead = shape.length - x.rank;
    const target = shape.map((extent, axis) =>
      extent === -1 && axis >= lead ? x.shape[axis - lead] : extent,
    );
    const fits = lead >= 0 && x.shape.every((extent, axis) => extent === target[lead + axis] || extent === 1);
    if (!isExtents(target)) {
      throw new OpError(
        'expand',
        `${shapeText(shape)} must be whole numbers from 0 up, or -1 for an axis that x ${shapeText(x.shape)} has`,
      );
    }
    if (!fits) {
      throw new OpError(
        'expand',
        `${shapeText(x.shape)} does not stretch to ${shapeText(shape)}: only axes of size 1 stretch, and no axis can go`,
      );
    }
    return { inputs: [x], options: { target } };
  },
  shape: (_, { target }) => target,
  forward: ([x], _, shape) =>
    new Tensor(x.storage, shape, broadcastStrides(x.shape, x.strides, shape), x.offset),
  backward: (g, { shapes: [shape] }) => [unbroadcast(g, shape)],
  saves: [],
  flops: () => 0,
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 3 });
    const small = shape.map((extent) => (draw.boolean() ? 1 : extent));
    return [draw.tensor(small), [draw.integer(0, 3), ...shape]];
  },
});
