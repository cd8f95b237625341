import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

export const flatten: Op<[x: Tensor, start?: number, end?: number]> = defineComposite({
  name: 'flatten',
  takes: 'x: Tensor, start?: number, end?: number',
  doc: 'Axes start to end (inclusive; default: all) as one, in reading order; a scalar becomes (1).',
  compute: (x, start = 0, end = -1) => {
    if (x.rank === 0) return x.reshape([1]);
    const [first, last] = [normalizeAxis('flatten', start, x.shape), normalizeAxis('flatten', end, x.shape)];
    if (first > last) {
      throw new OpError('flatten', `axis ${start} comes after axis ${end} in ${shapeText(x.shape)}`);
    }
    const size = sizeOf(x.shape.slice(first, last + 1));
    return x.reshape(x.shape.toSpliced(first, last + 1 - first, size));
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1 });
    const start = draw.integer(0, shape.length - 1);
    return [draw.tensor(shape), start, draw.integer(start, shape.length - 1)];
  },
});
