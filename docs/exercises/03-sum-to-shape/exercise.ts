// Exercise 3. Write what is missing, then: npm run learn 03
import type { Tensor } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/**
 * The gradient for a tensor of this shape that was stretched by broadcasting, from the gradient of what it was stretched
 * to: every element collects the gradients of all its copies.
 */
export function sumToShape(gradient: Tensor, shape: readonly number[]): Tensor {
  throw new Hole();
}
