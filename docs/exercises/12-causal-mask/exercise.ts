// Exercise 12. Write what is missing, then: npm run learn 12
import { arange, type Tensor } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/**
 * Which keys each query may read: (queries, keys) bool, true where the key stands at the query's position or before it. The
 * queries are the last of as many tokens as there are keys: with 2 queries and 5 keys they stand at positions 3 and 4.
 */
export function causalMask(queries: number, keys: number): Tensor {
  throw new Hole();
}
