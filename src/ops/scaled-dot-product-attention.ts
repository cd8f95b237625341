import { arange } from '../tensor/create.ts';
import { OpError, shapeText } from '../tensor/errors.ts';
import { emptyTensor, type Tensor, zerosTensor } from '../tensor/tensor.ts';
import { requireOneFloat } from './as-floating.ts';
import { checkIndices, requireInt32 } from './check-indices.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export interface AttentionOptions {
  /** A query reads only keys at its own position and before. Default false. */
  causal?: boolean;
  /** (Bq, Tq) int32: the key position each query stands at; −1 marks a padding row, whose output is 0. Default 0 … Tq−1. */
  positions?: Tensor;
  /** (Bq) int32: which batch row of key and value each query batch row reads. Default: its own. */
  batch?: Tensor;
  /** Default 1 / √D. */
  scale?: number;
}

/** One query row reads one batch row of keys, so rows gathered from a batch attend without being put back. */
export const scaledDotProductAttention: Op<
  [query: Tensor, key: Tensor, value: Tensor, options?: AttentionOptions]
> = defineOp({
  name: 'scaledDotProductAttention',
  takes: 'query: Tensor, key: Tensor, value: Tensor, options?: { causal, positions, batch, scale }',
  doc: 'softmax(scale · q kᵀ) v over the keys each query may read; query (Bq, H, Tq, D), key and value (Bk, H, Tk, D).',
  parse: (query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}) => {
    checkShapes(query, key, value, options);
    requireOneFloat('scaledDotProductAttention', { query, key, value });
    const { causal = false, positions = null, batch = null, scale = 1 / Math.sqrt(query.shape[3]) } = options;
    return { inputs: [query, key, value], options: { causal, positions, batch, scale } };
  },
  shape: ([query]) => query.shape,
  forward: ([query, key, value], { scale, ...mask }, shape) => {
    const out = emptyTensor(shape, query.dtype, query.device);
    if (out.size > 0) query.device.kernels.attention(query, key, value, compacted(mask), scale, out);
    return out;
  },
  backward: (g, { inputs: [query, key, value], output, options: { scale, ...mask } }) => {
    if (output.size === 0) return [query, key, value].map((x) => zerosTensor(x.shape, x.dtype, x.device));
    const dQuery = emptyTensor(query.shape, query.dtype, query.device);
    const dKey = emptyTensor(key.shape, query.dtype, query.device);
    const dValue = emptyTensor(key.shape, query.dtype, query.device);
    query.device.kernels.attentionBackward(
      compact(g),
      query,
      key,
      value,
      compacted(mask),
      scale,
      output,
      dQuery,
      dKey,
      dValue,
    );
    return [dQuery, dKey, dValue];
  },
  saves: [0, 1, 2, 'output'],
  composite: ([query, key, value], options) => attentionComposite(query, key, value, options),
  flops: ([query, key], options) =>
    2 * 2 * query.shape[1] * query.shape[3] * visiblePairs(query, key, options),
  backwardFlops: ([query, key]) => 5 * 2 * query.size * key.shape[2],
  domain: (draw) => {
    const [batch, heads, d] = [draw.integer(1, 2), draw.integer(1, 2), draw.integer(1, 3)];
    const keys = draw.integer(1, 4);
    const gathered = draw.boolean();
    const queryBatch = gathered ? draw.integer(0, 3) : batch;
    const queries = draw.integer(0, keys);
    const options: AttentionOptions = { causal: draw.boolean() };
    if (gathered) options.batch = draw.indices([queryBatch], batch);
    if (draw.boolean()) options.positions = draw.indices([queryBatch, queries], keys);
    const kv = [batch, heads, keys, d];
    return [draw.tensor([queryBatch, heads, queries, d]), draw.tensor(kv), draw.tensor(kv), options];
  },
});

interface Mask {
  causal: boolean;
  positions: Tensor | null;
  batch: Tensor | null;
}

function compacted({ causal, positions, batch }: Mask): Mask {
  return { causal, positions: positions && compact(positions), batch: batch && compact(batch) };
}

/** How many (query, key) pairs are computed: what the kernel's loops run over. */
function visiblePairs(query: Tensor, key: Tensor, { causal, positions }: Mask): number {
  const [batch, , queries] = query.shape;
  const keys = key.shape[2];
  if (!positions) {
    let pairs = 0;
    for (let t = 0; t < queries; t++) pairs += causal ? Math.min(t + 1, keys) : keys;
    return batch * pairs;
  }
  let pairs = 0;
  for (const position of positions.toTypedArray()) {
    if (position >= 0) pairs += causal ? Math.min(position + 1, keys) : keys;
  }
  return pairs;
}

/** The same from matmul and softmax, materialising the weights (Bq, H, Tq, Tk). */
function attentionComposite(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { causal, positions, batch, scale }: Mask & { scale: number },
): Tensor {
  const [, , queries] = query.shape;
  const keys = key.shape[2];
  const k = batch ? key.indexSelect(0, batch) : key;
  const v = batch ? value.indexSelect(0, batch) : value;
  const at = (positions ?? arange(queries, { dtype: 'int32', device: query.device }))
    .unsqueeze(-1)
    .unsqueeze(-3); // (Bq, 1, Tq, 1)
  const limit = causal ? at : at.lt(0).where(-1, keys);
  const visible = arange(keys, { dtype: 'int32', device: query.device }).le(limit); // (Bq, 1, Tq, Tk)
  const scores = query.matmul(k.transpose()).mul(scale);
  // Finite in float32 too: a padding row of −∞ alone would make the gradient NaN.
  const weights = visible.where(scores, -1e30).softmax(-1);
  return visible.where(weights, 0).matmul(v);
}

function checkShapes(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { positions, batch }: AttentionOptions,
): void {
  const op = 'scaledDotProductAttention';
  const shapes = (): string =>
    `query ${shapeText(query.shape)}, key ${shapeText(key.shape)}, value ${shapeText(value.shape)}`;
  if (query.rank !== 4 || key.rank !== 4 || value.rank !== 4) {
    throw new OpError(op, `takes (B, H, T, D) tensors, not ${shapes()}`);
  }
  if (key.shape.some((extent, axis) => extent !== value.shape[axis])) {
    throw new OpError(op, `key and value must have one shape: ${shapes()}`);
  }
  if (query.shape[1] !== key.shape[1] || query.shape[3] !== key.shape[3]) {
    throw new OpError(op, `heads (axis 1) and head size (axis 3) must agree: ${shapes()}`);
  }
  if (batch ? batch.rank !== 1 || batch.shape[0] !== query.shape[0] : query.shape[0] !== key.shape[0]) {
    throw new OpError(
      op,
      `batch (axis 0) differs and no option batch (Bq) says which keys each query reads: ${shapes()}`,
    );
  }
  if (
    positions &&
    (positions.rank !== 2 || positions.shape[0] !== query.shape[0] || positions.shape[1] !== query.shape[2])
  ) {
    throw new OpError(op, `positions ${shapeText(positions.shape)} must be (Bq, Tq) for ${shapes()}`);
  }
  if (positions) requireInt32(op, positions, 'positions');
  if (batch) checkIndices(op, batch, key.shape[0], () => `axis 0 of key ${shapeText(key.shape)}`);
}
