import { fromTypedArray, type Tensor } from '../../src/index.ts';
import type { ValueRange } from '../../src/ops/domain.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

/** Values stay in the middle of their range, so that no finite difference reaches its ends. */
const SHARE = 0.6;

/**
 * Any values as smooth arguments of the next op: the elements of x, repeated or cut, in another shape, and squeezed by
 * a tanh into a range. Of a range with points to avoid, the widest part without one; elements that must be distinct each
 * get a part of their own.
 */
export function adapt(x: Tensor, shape: readonly number[], range: ValueRange = {}): Tensor {
  const size = sizeOf(shape);
  const copies = size === 0 ? 1 : Math.ceil(size / x.size);
  const elements = copies === 1 ? x.reshape([-1]) : x.expand([copies, ...x.shape]).reshape([-1]);
  const { centre, reach } = widestPart(range);
  const between = elements.slice(0, 0, size).reshape(shape).tanh(); // from −1 to 1
  if (!range.distinct) return between.mul(reach * SHARE).add(centre);
  const width = (2 * reach) / Math.max(size, 1);
  const middles = Float64Array.from({ length: size }, (_, i) => centre - reach + (i + 0.5) * width);
  return between.mul((width / 2) * SHARE).add(fromTypedArray(middles, shape, { device: x.device }));
}

/** The longest stretch of a range between two points to avoid. */
function widestPart({ min = -2, max = 2, avoid = [] }: ValueRange): { centre: number; reach: number } {
  const ends = [min, ...avoid.filter((point) => point > min && point < max), max].sort((a, b) => a - b);
  const parts = ends.slice(1).map((end, i) => ({ centre: (ends[i] + end) / 2, reach: (end - ends[i]) / 2 }));
  return parts.reduce((widest, part) => (part.reach > widest.reach ? part : widest));
}
