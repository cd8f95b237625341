import { ones, type Tensor } from 'hopgrad';

/** Causal attention of one head: queries, keys and values of T tokens, (T, D) each → (T, D). */
export function attention(query: Tensor, key: Tensor, value: Tensor): Tensor {
  // #region yours
  const [tokens, dim] = query.shape;
  const scores = query.matmul(key.transpose()).div(Math.sqrt(dim)); // (T, T): queries by keys
  const visible = ones([tokens, tokens]).tril().gt(0);
  return visible.where(scores, -Infinity).softmax().matmul(value);
  // #endregion
}
