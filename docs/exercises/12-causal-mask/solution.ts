import { arange, type Tensor } from 'hopgrad';

/**
 * Which keys each query may read: (queries, keys) bool, true where the key stands at the query's position or before it. The
 * queries are the last of as many tokens as there are keys: with 2 queries and 5 keys they stand at positions 3 and 4.
 */
export function causalMask(queries: number, keys: number): Tensor {
  // #region yours
  const positions = arange(queries, { start: keys - queries, dtype: 'int32' }).unsqueeze(1); // (queries, 1)
  return arange(keys, { dtype: 'int32' }).le(positions);
  // #endregion
}
