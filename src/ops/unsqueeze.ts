import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

export const unsqueeze: Op<[x: Tensor, axis: number]> = defineComposite({
  name: 'unsqueeze',
  takes: 'x: Tensor, axis: number',
  doc: 'Puts in an axis of size 1 at a position of the result. A view.',
  compute: (x, axis) => x.reshape(x.shape.toSpliced(normalizeAxis('unsqueeze', axis, x.rank + 1), 0, 1)),
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 3 });
    return [draw.tensor(shape), draw.integer(-shape.length - 1, shape.length)];
  },
});
