/**
 * Scaled dot-product attention, one query row at a time: scores of the keys it may read, softmax, weighted sum of
 * values. Nothing of size Tq × Tk is kept; the backward recomputes the weights from the row's log-sum-exp.
 */
import type { AttentionMask, TypedArray } from '../contract.ts';
import type { HostView } from '../strides.ts';

/** Everything that fixes where one query row's numbers stand. */
interface Row {
  /** Index of the row in out and logSumExp. */
  index: number;
  query: number;
  /** Start of key and value for this row's batch row and head. */
  key: number;
  value: number;
  keyBatch: number;
  head: number;
  /** How many keys the row may read; 0 for padding. */
  visible: number;
}

function forEachQuery(
  query: HostView,
  key: HostView,
  value: HostView,
  mask: AttentionMask<TypedArray>,
  visit: (row: Row) => void,
): void {
  const [batches, heads, queries] = query.shape;
  const keys = key.shape[2];
  const { positions, batch, causal } = mask;
  for (let b = 0; b < batches; b++) {
    const keyBatch = batch ? batch.buffer[batch.offset + b] : b;
    for (let t = 0; t < queries; t++) {
      const position = positions ? positions.buffer[positions.offset + b * queries + t] : t;
      const visible = position < 0 ? 0 : causal ? Math.min(position + 1, keys) : keys;
      for (let h = 0; h < heads; h++) {
        visit({
          index: (b * heads + h) * queries + t,
          query: query.offset + b * query.strides[0] + h * query.strides[1] + t * query.strides[2],
          key: key.offset + keyBatch * key.strides[0] + h * key.strides[1],
          value: value.offset + keyBatch * value.strides[0] + h * value.strides[1],
          keyBatch,
          head: h,
          visible,
        });
      }
    }
  }
}

export function attention(
  query: HostView,
  key: HostView,
  value: HostView,
  mask: AttentionMask<TypedArray>,
  scale: number,
  out: HostView,
  logSumExp: HostView,
): void {
  const d = query.shape[3];
  const q = new Float64Array(d);
  const sum = new Float64Array(d);
  const weights = new Float64Array(key.shape[2]);
  const valueStep = value.strides[3];
  forEachQuery(query, key, value, mask, (row) => {
    for (let i = 0; i < d; i++) q[i] = query.buffer[row.query + i * query.strides[3]];
    const max = scores(q, key, row, scale, weights);
    let total = 0;
    for (let s = 0; s < row.visible; s++) total += weights[s] = Math.exp(weights[s] - max);
    sum.fill(0);
    for (let s = 0; s < row.visible; s++) {
      const weight = weights[s];
      let at = row.value + s * value.strides[2];
      for (let i = 0; i < d; i++, at += valueStep) sum[i] += weight * value.buffer[at];
    }
    const norm = row.visible === 0 ? 0 : 1 / total;
    for (let i = 0; i < d; i++) out.buffer[row.index * d + i] = sum[i] * norm;
    logSumExp.buffer[row.index] = max + Math.log(total);
  });
}

/** Scaled scores of the visible keys; returns their maximum. */
function scores(q: Float64Array, key: HostView, row: Row, scale: number, into: Float64Array): number {
  const d = q.length;
  const step = key.strides[3];
  let max = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < row.visible; s++) {
    let at = row.key + s * key.strides[2];
    let dot = 0;
    for (let i = 0; i < d; i++, at += step) dot += q[i] * key.buffer[at];
    into[s] = dot * scale;
    max = Math.max(max, into[s]);
  }
  return max;
}

/** With p = softmax(s): dv = pᵀ g, dp = g vᵀ, ds = p · (dp − Σ g · out), dq = scale · ds k, dk = scale · dsᵀ q. */
export function attentionBackward(
  gradient: HostView,
  query: HostView,
  key: HostView,
  value: HostView,
  mask: AttentionMask<TypedArray>,
  scale: number,
  output: HostView,
  logSumExp: HostView,
  dQuery: HostView,
  dKey: HostView,
  dValue: HostView,
): void {
  const [, heads, , d] = query.shape;
  const keys = key.shape[2];
  const q = new Float64Array(d);
  const g = new Float64Array(d);
  const dq = new Float64Array(d);
  const weights = new Float64Array(keys);
  // Sums over queries are kept in float64 until the end.
  const dk = new Float64Array(key.shape[0] * heads * keys * d);
  const dv = new Float64Array(dk.length);
  forEachQuery(query, key, value, mask, (row) => {
    let gDotOut = 0;
    for (let i = 0; i < d; i++) {
      q[i] = query.buffer[row.query + i * query.strides[3]];
      g[i] = gradient.buffer[gradient.offset + row.index * d + i];
      gDotOut += g[i] * output.buffer[output.offset + row.index * d + i];
    }
    scores(q, key, row, scale, weights);
    const lse = logSumExp.buffer[logSumExp.offset + row.index];
    dq.fill(0);
    for (let s = 0; s < row.visible; s++) {
      const p = Math.exp(weights[s] - lse);
      const base = ((row.keyBatch * heads + row.head) * keys + s) * d;
      const keyAt = row.key + s * key.strides[2];
      const valueAt = row.value + s * value.strides[2];
      let dp = 0;
      for (let i = 0; i < d; i++) {
        dp += g[i] * value.buffer[valueAt + i * value.strides[3]];
        dv[base + i] += p * g[i];
      }
      const ds = p * (dp - gDotOut) * scale;
      for (let i = 0; i < d; i++) {
        dq[i] += ds * key.buffer[keyAt + i * key.strides[3]];
        dk[base + i] += ds * q[i];
      }
    }
    for (let i = 0; i < d; i++) dQuery.buffer[row.index * d + i] = dq[i];
  });
  dKey.buffer.set(dk as unknown as Float32Array);
  dValue.buffer.set(dv as unknown as Float32Array);
}
