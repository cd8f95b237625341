import type { DType } from '../device/device.ts';
import { arange } from '../tensor/create.ts';
import { OpError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, notDifferentiable, type Op } from './define.ts';

export const oneHot: Op<[ids: Tensor, classes: number, dtype?: DType]> = defineComposite({
  name: 'oneHot',
  takes: 'ids: Tensor, classes: number, dtype?: string',
  doc: '1 at each id (…) int32 and 0 elsewhere: (…, classes), float32 by default; an id outside the classes gives only zeros.',
  compute: (ids, classes, dtype = 'float32') => {
    if (!Number.isInteger(classes) || classes < 0) {
      throw new OpError('oneHot', `classes ${classes} must be a whole number from 0 up`);
    }
    const all = arange(classes, { dtype: 'int32', device: ids.device });
    return ids.unsqueeze(-1).eq(all).to(dtype);
  },
  differentiable: notDifferentiable('ids are whole numbers'),
  domain: (draw) => [draw.indices(draw.shape({ maxRank: 3 }), 4), draw.integer(1, 4), 'float64'],
});
