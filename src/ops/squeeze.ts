import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

export const squeeze: Op<[x: Tensor, axis?: number]> = defineComposite({
  name: 'squeeze',
  takes: 'x: Tensor, axis?: number',
  doc: 'Drops one axis of size 1, or all of them. A view.',
  compute: (x, axis) => {
    if (axis === undefined) return x.reshape(x.shape.filter((extent) => extent !== 1));
    const along = normalizeAxis('squeeze', axis, x.shape);
    if (x.shape[along] !== 1) {
      throw new OpError('squeeze', `axis ${axis} of ${shapeText(x.shape)} has size ${x.shape[along]}, not 1`);
    }
    return x.reshape(x.shape.toSpliced(along, 1));
  },
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 3 });
    const axis = draw.integer(0, shape.length);
    return [draw.tensor(shape.toSpliced(axis, 0, 1)), draw.boolean() ? axis : undefined];
  },
});
