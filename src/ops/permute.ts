import { OpError, shapeText } from '../tensor/errors.ts';
import { hasRepeats, normalizeAxis } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { defineOp, type Op } from './define.ts';

export const permute: Op<[x: Tensor, order: readonly number[]]> = defineOp({
  name: 'permute',
  takes: 'x: Tensor, order: number[]',
  doc: 'The axes in another order: axis i of the result is axis order[i] of x. A view.',
  parse: (x: Tensor, order: readonly number[]) => {
    const axes = order.map((axis) => normalizeAxis('permute', axis, x.shape));
    if (axes.length !== x.rank || hasRepeats(axes)) {
      throw new OpError(
        'permute',
        `[${order.join(', ')}] must name each of the ${x.rank} axes of ${shapeText(x.shape)} once`,
      );
    }
    return { inputs: [x], options: { axes } };
  },
  shape: ([x], { axes }) => axes.map((axis) => x.shape[axis]),
  forward: ([x], { axes }, shape) =>
    new Tensor(
      x.storage,
      shape,
      axes.map((axis) => x.strides[axis]),
      x.offset,
    ),
  backward: (g, { options: { axes } }) => [g.permute(axes.map((_, axis) => axes.indexOf(axis)))],
  saves: [],
  flops: () => 0,
  domain: (draw) => {
    const shape = draw.shape();
    return [draw.tensor(shape), draw.permutation(shape.length)];
  },
});
