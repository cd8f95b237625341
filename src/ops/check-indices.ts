/** Reading indices back to see that they point inside: done where a wrong one would go unnoticed. */
import { OpError, shapeText } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * @param below indices go from 0 to below − 1
 * @param what they count, such as 'axis 1 of (2, 3)'
 * @param ignored a value that may stand for "none"
 * @throws OpError unless index is int32 and inside
 */
export function checkIndices(op: string, index: Tensor, below: number, what: string, ignored?: number): void {
  if (index.dtype !== 'int32') {
    throw new OpError(
      op,
      `indices ${shapeText(index.shape)} must be int32, not ${index.dtype}`,
      "index.to('int32')",
    );
  }
  const bad = index.toTypedArray().find((i) => (i < 0 || i >= below) && i !== ignored);
  if (bad === undefined) return;
  throw new OpError(op, `index ${bad} is outside ${what}: indices go from 0 to ${below - 1}`);
}
