// Exercise 13. Write what is missing, then: npm run learn 13
import { ones, type Tensor } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/** Causal attention of one head: queries, keys and values of T tokens, (T, D) each → (T, D). */
export function attention(query: Tensor, key: Tensor, value: Tensor): Tensor {
  throw new Hole();
}
