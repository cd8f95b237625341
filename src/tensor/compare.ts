/** Comparing whole tensors on the host. */

import { sameShape } from './shape.ts';
import { signature } from './signature.ts';
import type { Tensor } from './tensor.ts';

export interface CloseOptions {
  /** Relative to the second tensor's element. Default 1e-5. */
  relative?: number;
  /** Default 1e-8. */
  absolute?: number;
}

const checkEqual = signature('equal', 'a: Tensor, b: Tensor');
const checkAllClose = signature('allClose', 'a: Tensor, b: Tensor, options?: { relative, absolute }');

/** Whether two tensors have one shape and the same elements; NaN equals nothing. */
export function equal(a: Tensor, b: Tensor): boolean {
  checkEqual([a, b]);
  return everyPair(a, b, (x, y) => x === y);
}

/** Whether two tensors have one shape and |a − b| ≤ absolute + relative · |b| everywhere, as in NumPy. */
export function allClose(a: Tensor, b: Tensor, options: CloseOptions = {}): boolean {
  checkAllClose([a, b, options]);
  const { relative = 1e-5, absolute = 1e-8 } = options;
  return everyPair(a, b, (x, y) => x === y || Math.abs(x - y) <= absolute + relative * Math.abs(y));
}

function everyPair(a: Tensor, b: Tensor, holds: (x: number, y: number) => boolean): boolean {
  if (!sameShape(a.shape, b.shape)) return false;
  const [left, right] = [a.toTypedArray(), b.toTypedArray()];
  for (let i = 0; i < left.length; i++) if (!holds(left[i], right[i])) return false;
  return true;
}
