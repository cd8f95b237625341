// Exercise 19. Write what is missing, then: npm run learn 19
import { fromTypedArray, type Tensor } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/**
 * Runs a layer for the active tokens alone: gathers their rows, gives these to the layer all at once, and puts the results in
 * their places. Rows of other tokens stay as they are. Where no token is active, the layer is not asked.
 *
 * @param x (N, D), a row a token
 * @param active for each row, whether it runs
 * @param layer from (n, D) to (n, D), for any n from 1 up
 */
export function runActive(x: Tensor, active: readonly boolean[], layer: (rows: Tensor) => Tensor): Tensor {
  throw new Hole();
}
