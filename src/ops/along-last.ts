/** Ops whose kernels work along the last axis, led along any. */
import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Applies a function of the last axis along another one. */
export function alongLast(op: string, x: Tensor, axis: number, apply: (moved: Tensor) => Tensor): Tensor {
  const along = normalizeAxis(op, axis, x.shape);
  return along === x.rank - 1 ? apply(x) : apply(x.transpose(along, -1)).transpose(along, -1);
}
