import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

export const select: Op<[x: Tensor, axis: number, index: number]> = defineComposite({
  name: 'select',
  takes: 'x: Tensor, axis: number, index: number',
  doc: 'What stands at one position of an axis, which disappears; a negative position counts from the end. A view.',
  compute: (x, axis, index) => {
    const along = normalizeAxis('select', axis, x.shape);
    const extent = x.shape[along];
    const at = index < 0 ? index + extent : index;
    if (!Number.isInteger(at) || at < 0 || at >= extent) {
      throw new OpError(
        'select',
        `position ${index} is outside axis ${axis} of ${shapeText(x.shape)}, which has ${extent} elements`,
      );
    }
    return x.slice(along, at, at + 1).squeeze(along);
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, minExtent: 1 });
    const axis = draw.integer(0, shape.length - 1);
    return [draw.tensor(shape), axis, draw.integer(-shape[axis], shape[axis] - 1)];
  },
});
