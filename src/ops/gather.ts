import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkIndices } from './check-indices.ts';
import { defineComposite, type Op } from './define.ts';
import { gatherAlong } from './gather-along.ts';

export const gather: Op<[x: Tensor, axis: number, index: Tensor]> = defineComposite({
  name: 'gather',
  takes: 'x: Tensor, axis: number, index: Tensor',
  doc: 'Elements of x picked along one axis: result[…, j, …] = x[…, index[…, j, …], …]; other axes of x and index agree.',
  compute: (x, axis, index) => {
    checkGather('gather', x, axis, index);
    return gatherAlong(x, axis, index);
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3, minExtent: 1 });
    const axis = draw.integer(0, shape.length - 1);
    return [draw.tensor(shape), axis, draw.indices(shape.with(axis, draw.integer(0, 4)), shape[axis])];
  },
});

/** @throws OpError unless index has x's shape but for the axis, and every index stands inside. */
export function checkGather(op: string, x: Tensor, axis: number, index: Tensor): void {
  const along = normalizeAxis(op, axis, x.shape);
  if (
    index.rank !== x.rank ||
    x.shape.some((extent, other) => other !== along && extent !== index.shape[other])
  ) {
    throw new OpError(
      op,
      `index ${shapeText(index.shape)} must have the shape of x ${shapeText(x.shape)} but for axis ${axis}`,
    );
  }
  checkIndices(op, index, x.shape[along], () => `axis ${axis} of x ${shapeText(x.shape)}`);
}
