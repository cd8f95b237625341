import { contiguousCopy } from '../tensor/contiguous.ts';
import { OpError, shapeText } from '../tensor/errors.ts';
import { isExtents, reshapedStrides, type Shape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { defineOp, type Op } from './define.ts';

export const reshape: Op<[x: Tensor, shape: Shape]> = defineOp({
  name: 'reshape',
  takes: 'x: Tensor, shape: number[]',
  doc: 'The elements, in reading order, in another shape; one extent may be −1. A view where the strides allow it, else a copy.',
  parse: (x: Tensor, shape: Shape) => ({ inputs: [x], options: { shape: inferExtent(x, shape) } }),
  shape: (_, { shape }) => shape,
  forward: ([x], _, shape) => {
    const strides = reshapedStrides(x.shape, x.strides, shape);
    return strides
      ? new Tensor(x.storage, shape, strides, x.offset)
      : new Tensor(contiguousCopy(x).storage, shape);
  },
  backward: (g, { shapes: [shape] }) => [g.reshape(shape)],
  saves: [],
  flops: () => 0,
  domain: (draw) => {
    const shape = draw.shape();
    const flat = draw.boolean() && !shape.includes(0);
    return [draw.tensor(shape), flat ? [-1] : [...shape.toReversed(), 1]];
  },
});

/** Replaces −1 by the extent that makes the sizes agree. */
function inferExtent(x: Tensor, shape: Shape): Shape {
  const unknown = shape.indexOf(-1);
  const known = unknown < 0 ? sizeOf(shape) : sizeOf(shape.filter((extent) => extent !== -1));
  const inferred = unknown < 0 ? [...shape] : shape.with(unknown, known === 0 ? 0 : x.size / known);
  if (sizeOf(inferred) === x.size && isExtents(inferred)) return inferred;
  const reason =
    unknown < 0
      ? `which has ${known}`
      : unknown === shape.lastIndexOf(-1)
        ? `whatever -1 stands for: the other extents make ${known}`
        : 'where only one extent may be -1';
  throw new OpError(
    'reshape',
    `the ${x.size} elements of ${shapeText(x.shape)} do not fill ${shapeText(shape)}, ${reason}`,
  );
}
