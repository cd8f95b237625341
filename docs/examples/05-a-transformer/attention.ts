import { tensor } from 'hopgrad';

// #region hard
const dictionary = new Map([
  ['red', 10],
  ['green', 20],
  ['blue', 30],
]);

/** The same look-up as a sum: every value counts, with weight 1 where the key is the query and 0 elsewhere. */
function lookup(query: string): number {
  let sum = 0;
  for (const [key, value] of dictionary) sum += (key === query ? 1 : 0) * value;
  return sum;
}
console.log(dictionary.get('green'), lookup('green'));
// #endregion

// #region tokens
// A token a row.
const queries = tensor([
  [2, 0],
  [0, 2],
  [2, 0],
]);
const keys = tensor([
  [1, 0],
  [0, 1],
  [1, 1],
]);
const values = tensor([
  [10, 0],
  [0, 10],
  [5, 5],
]);
// #endregion

// #region scores
const scores = queries.matmul(keys.transpose()).div(Math.sqrt(2)); // (3 queries, 3 keys)
console.log(scores);
// #endregion

// #region weights
const past = tensor([
  [1, 0, 0],
  [1, 1, 0],
  [1, 1, 1],
]).eq(1); // which keys a query may read
const weights = past.where(scores, Number.NEGATIVE_INFINITY).softmax();
console.log(weights);
// #endregion

// #region output
console.log(weights.matmul(values));
// #endregion

// #region op
const [q, k, v] = [queries, keys, values].map((x) => x.reshape([1, 1, 3, 2])); // (B, H, T, headDim)
console.log(q.scaledDotProductAttention(k, v, { causal: true }).reshape([3, 2]));
// #endregion

// #region order
const swapped = tensor([1, 0, 2], { dtype: 'int32' });
const [otherKeys, otherValues] = [keys.indexSelect(0, swapped), values.indexSelect(0, swapped)];
const read = queries.matmul(otherKeys.transpose()).div(Math.sqrt(2)).softmax().matmul(otherValues);
console.log(read.at(2), weights.matmul(values).at(2));
// #endregion
