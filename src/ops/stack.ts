import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { cat } from './cat.ts';
import { defineComposite, type Op } from './define.ts';

export const stack: Op<[tensors: readonly Tensor[], axis?: number]> = defineComposite({
  name: 'stack',
  takes: 'tensors: Tensor[], axis?: number',
  doc: 'Tensors of one shape side by side along a new axis (default 0).',
  compute: (tensors, axis = 0) => {
    if (tensors.length === 0) throw new OpError('stack', 'needs at least one tensor');
    const [first] = tensors;
    const odd = tensors.find((x) => !sameShape(x.shape, first.shape));
    if (odd) {
      throw new OpError(
        'stack',
        `needs tensors of one shape, not ${shapeText(first.shape)} and ${shapeText(odd.shape)}`,
      );
    }
    const along = normalizeAxis('stack', axis, first.rank + 1);
    return cat(
      tensors.map((x) => x.unsqueeze(along)),
      along,
    );
  },
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 3 });
    const tensors = Array.from({ length: draw.integer(1, 3) }, () => draw.tensor(shape));
    return [tensors, draw.integer(-shape.length - 1, shape.length)];
  },
});
