import { cat, type Tensor } from 'hopgrad';

/** Keys and values of the tokens of a text so far, (t, D) each; null before the first. */
export interface Cache {
  keys: Tensor | null;
  values: Tensor | null;
}

/**
 * Reads one more token of a text: adds its key and value to the cache, and returns what its query reads from all tokens so
 * far, itself included. Query, key, value and result are (1, D).
 */
export function attendNext(cache: Cache, query: Tensor, key: Tensor, value: Tensor): Tensor {
  // #region yours
  cache.keys = cache.keys ? cat([cache.keys, key]) : key;
  cache.values = cache.values ? cat([cache.values, value]) : value;
  const scores = query.matmul(cache.keys.transpose()).div(Math.sqrt(query.shape[1])); // (1, t)
  return scores.softmax().matmul(cache.values);
  // #endregion
}
