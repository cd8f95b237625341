import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { asRows } from './compact.ts';
import { defineComposite, defineOp, type Op } from './define.ts';

export const gather: Op<[x: Tensor, axis: number, index: Tensor]> = defineComposite({
  name: 'gather',
  doc: 'Elements of x picked along one axis: result[…, j, …] = x[…, index[…, j, …], …]; other axes of x and index agree.',
  compute: (x, axis, index) => {
    const along = normalizeAxis('gather', axis, x.rank);
    checkGather('gather', x, index, along);
    const moved = lastGather(x.transpose(along, -1), index.transpose(along, -1));
    return moved.transpose(along, -1);
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3, minExtent: 1 });
    const axis = draw.integer(0, shape.length - 1);
    return [draw.tensor(shape), axis, draw.indices(shape.with(axis, draw.integer(0, 4)), shape[axis])];
  },
});

/** Along the last axis, over the kernel. */
const lastGather: Op<[x: Tensor, index: Tensor]> = defineOp({
  name: 'gather',
  doc: 'Elements picked along the last axis.',
  parse: (x: Tensor, index: Tensor) => ({ inputs: [x, index], options: {} }),
  shape: ([, index]) => index.shape,
  forward: ([x, index], _, shape) => {
    const out = emptyTensor(shape, x.dtype, x.device);
    if (out.size > 0) x.device.kernels.gather(asRows(x), asRows(index), asRows(out));
    return out;
  },
  backward: (g, { inputs: [, index], shapes: [shape] }) => {
    const zeros = g.sum(-1, { keepDim: true }).mul(0).expand(shape);
    return [zeros.scatterAdd(-1, index, g), null];
  },
  saves: [1],
  flops: () => 0,
  domain: (draw) => [draw.tensor([2, 3]), draw.indices([2, 2], 3)],
});

/** @throws OpError unless index has x's shape but for the axis, and every index stands inside. */
export function checkGather(op: string, x: Tensor, index: Tensor, along: number): void {
  const fits =
    index.rank === x.rank && x.shape.every((extent, axis) => axis === along || extent === index.shape[axis]);
  if (!fits || index.dtype !== 'int32') {
    throw new OpError(
      op,
      `index must be int32 of the shape of x ${shapeText(x.shape)} but for axis ${along}, not ${index.dtype} ${shapeText(index.shape)}`,
    );
  }
  const bad = index.toTypedArray().find((i) => i < 0 || i >= x.shape[along]);
  if (bad !== undefined)
    throw new OpError(op, `index ${bad} is outside axis ${along}, which has ${x.shape[along]} elements`);
}
