import { OpError, shapeText } from '../tensor/errors.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import { checkGather } from './gather.ts';
import { scatterAddAlong } from './gather-along.ts';

export const scatterAdd: Op<[x: Tensor, axis: number, index: Tensor, source: Tensor]> = defineComposite({
  name: 'scatterAdd',
  takes: 'x: Tensor, axis: number, index: Tensor, source: Tensor',
  doc: 'x with source[…, j, …] added at […, index[…, j, …], …] along one axis; repeats add up, in order.',
  compute: (x, axis, index, source) => {
    checkGather('scatterAdd', x, axis, index);
    if (!sameShape(source.shape, index.shape) || source.dtype !== x.dtype) {
      throw new OpError(
        'scatterAdd',
        `source ${source.dtype} ${shapeText(source.shape)} must have the type of x, ${x.dtype}, and the shape of index, ` +
          shapeText(index.shape),
      );
    }
    return scatterAddAlong(x, axis, index, source);
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3, minExtent: 1 });
    const axis = draw.integer(0, shape.length - 1);
    const picked = shape.with(axis, draw.integer(0, 4));
    return [draw.tensor(shape), axis, draw.indices(picked, shape[axis]), draw.tensor(picked)];
  },
});
