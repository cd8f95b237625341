import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { signature } from '../tensor/signature.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import { type Sorted, sort } from './sort.ts';

export interface TopkOptions {
  /** false takes the smallest. Default true. */
  largest?: boolean;
}

const topkTakes = 'x: Tensor, k: number, axis?: number, options?: { largest }';
const checkTopk = signature('topk', topkTakes);

/**
 * The k largest values along one axis (default: the last), in order, and where they stand; of equal ones the first;
 * NaN counts as largest.
 *
 * @throws OpError if the axis has fewer than k elements
 */
export function topk(x: Tensor, k: number, axis = -1, options: TopkOptions = {}): Sorted {
  checkTopk([x, k, axis, options]);
  const { largest = true } = options;
  const along = normalizeAxis('topk', axis, x.shape);
  if (!(Number.isInteger(k) && k >= 0 && k <= x.shape[along])) {
    throw new OpError(
      'topk',
      `k ${k} must be a whole number from 0 to ${x.shape[along]}, the size of axis ${axis} of ${shapeText(x.shape)}`,
    );
  }
  const { values, indices } = sort(x, along, { descending: largest });
  return { values: values.slice(along, 0, k), indices: indices.slice(along, 0, k) };
}

export const topkValues: Op<[x: Tensor, k: number, axis?: number, options?: TopkOptions]> = defineComposite({
  name: 'topkValues',
  takes: topkTakes,
  doc: 'The k largest (or smallest) values along one axis (default: the last), in order; `topk` gives their positions too.',
  compute: (x, k, axis, options) => topk(x, k, axis, options).values,
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3, maxExtent: 3 });
    const axis = draw.integer(0, shape.length - 1);
    const k = draw.integer(0, shape[axis]);
    return [draw.tensor(shape, { distinct: true }), k, axis, { largest: draw.boolean() }];
  },
});
