import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkIndices } from './check-indices.ts';
import { defineComposite, type Op } from './define.ts';

export const indexSelect: Op<[x: Tensor, axis: number, index: Tensor]> = defineComposite({
  name: 'indexSelect',
  takes: 'x: Tensor, axis: number, index: Tensor',
  doc: 'The slices of x along one axis that index (N) int32 names, in that order; repeats are allowed.',
  compute: (x, axis, index) => {
    const along = normalizeAxis('indexSelect', axis, x.shape);
    const extent = x.shape[along];
    if (index.rank !== 1) throw new OpError('indexSelect', `index ${shapeText(index.shape)} must be (N)`);
    checkIndices('indexSelect', index, extent, () => `axis ${axis} of ${shapeText(x.shape)}`);
    const front = x.transpose(0, along);
    const rest = front.shape.slice(1);
    const rows = front.reshape([extent, sizeOf(rest)]).gatherRows(index);
    return rows.reshape([index.shape[0], ...rest]).transpose(0, along);
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3, minExtent: 1 });
    const axis = draw.integer(0, shape.length - 1);
    return [draw.tensor(shape), axis, draw.indices([draw.integer(0, 4)], shape[axis])];
  },
});
