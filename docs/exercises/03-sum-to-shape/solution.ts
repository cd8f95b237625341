import type { Tensor } from 'hopgrad';

/**
 * The gradient for a tensor of this shape that was stretched by broadcasting, from the gradient of what it was stretched
 * to: every element collects the gradients of all its copies.
 */
export function sumToShape(gradient: Tensor, shape: readonly number[]): Tensor {
  // #region yours
  const lead = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((extent, axis) => {
    const stretched = axis < lead || (shape[axis - lead] === 1 && extent !== 1);
    return stretched ? [axis] : [];
  });
  return gradient.sum(axes).reshape(shape);
  // #endregion
}
