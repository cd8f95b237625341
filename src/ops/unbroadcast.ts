/** Broadcasting undone: the one place where the gradient of a stretched tensor is summed back to its shape. */
import { type Shape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Sums a gradient over every axis along which `shape` was stretched. */
export function unbroadcast(gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const lead = gradient.rank - shape.length;
  const stretched: number[] = [];
  for (let axis = 0; axis < gradient.rank; axis++) {
    if (axis < lead || (shape[axis - lead] === 1 && gradient.shape[axis] !== 1)) stretched.push(axis);
  }
  return gradient.sum(stretched, { keepDim: true }).reshape(shape);
}
