/** Reading indices back to see that they point inside: done where a wrong one would go unnoticed. */
import { OpError, shapeText } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What may stand beside the positions that exist. */
export interface AlsoAllowed {
  /** A value that stands for "none". */
  readonly ignored?: number;
  /** Negative indices stand for "none". */
  readonly padding?: boolean;
}

/**
 * @param below indices go from 0 to below − 1
 * @param what says what they count, such as 'axis 1 of (2, 3)'
 * @throws OpError unless index is int32 and inside
 */
export function checkIndices(
  op: string,
  index: Tensor,
  below: number,
  what: () => string,
  { ignored, padding = false }: AlsoAllowed = {},
): void {
  requireInt32(op, index, 'indices', 'index');
  const values = index.toTypedArray();
  // In the way of every training step: one plain pass.
  for (let i = 0; i < values.length; i++) {
    const at = values[i];
    if (at < below && (at >= 0 || padding)) continue;
    if (at === ignored) continue;
    const range = below > 0 ? `: indices go from 0 to ${below - 1}` : ', which is empty';
    throw new OpError(
      op,
      `index ${at} is outside ${what()}${range}${padding ? ', negative ones are padding' : ''}`,
    );
  }
}

/** @throws OpError unless x is int32 */
export function requireInt32(op: string, x: Tensor, what: string, name: string = what): void {
  if (x.dtype === 'int32') return;
  throw new OpError(op, `${what} ${shapeText(x.shape)} must be int32, not ${x.dtype}`, `${name}.to('int32')`);
}
