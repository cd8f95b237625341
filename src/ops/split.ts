import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { signature } from '../tensor/signature.ts';
import type { Tensor } from '../tensor/tensor.ts';

const checkSplit = signature('split', 'x: Tensor, sizes: number | number[], axis?: number');

/**
 * Cuts x along an axis (default 0) into pieces of the given sizes, or of one size, the last then smaller. Views.
 *
 * @throws OpError if the sizes do not add up to the axis
 */
export function split(x: Tensor, sizes: number | readonly number[], axis = 0): Tensor[] {
  checkSplit([x, sizes, axis]);
  const along = normalizeAxis('split', axis, x.shape);
  const extent = x.shape[along];
  const ends: number[] = [];
  if (typeof sizes === 'number') {
    if (!(Number.isInteger(sizes) && sizes > 0)) {
      throw new OpError('split', `size ${sizes} must be a whole number from 1 up`);
    }
    for (let end = sizes; end < extent + sizes; end += sizes) ends.push(end);
  } else {
    for (const size of sizes) ends.push((ends.at(-1) ?? 0) + size);
    if (ends.at(-1) !== extent || sizes.some((size) => !Number.isInteger(size) || size < 0)) {
      throw new OpError(
        'split',
        `sizes [${sizes.join(', ')}] must be whole numbers from 0 up that add up to axis ${axis} of ${shapeText(x.shape)}, ${extent}`,
      );
    }
  }
  return ends.map((end, i) => x.slice(along, i === 0 ? 0 : ends[i - 1], Math.min(end, extent)));
}
