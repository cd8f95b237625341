import { OpError, shapeText } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkIndices } from './check-indices.ts';
import { defineComposite, type Op } from './define.ts';

export const embedding: Op<[weight: Tensor, ids: Tensor]> = defineComposite({
  name: 'embedding',
  takes: 'weight: Tensor, ids: Tensor',
  doc: 'Rows of weight (V, D) chosen by ids (…) int32: (…, D).',
  compute: (weight, ids) => {
    if (weight.rank !== 2)
      throw new OpError('embedding', `weight must be (V, D), not ${shapeText(weight.shape)}`);
    checkIndices('embedding', ids, weight.shape[0], () => `axis 0 of weight ${shapeText(weight.shape)}`);
    return weight.gatherRows(ids.reshape([ids.size])).reshape([...ids.shape, weight.shape[1]]);
  },
  domain: (draw) => {
    const [v, d] = [draw.integer(1, 5), draw.integer(1, 3)];
    return [draw.tensor([v, d]), draw.indices(draw.shape({ maxRank: 2 }), v)];
  },
});
