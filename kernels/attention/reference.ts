/**
 * Scaled dot-product attention, one query row at a time: scores of the keys it may read, softmax, weighted sum of
 * values. Nothing of size Tq × Tk is kept; the backward computes the weights again.
 *
 * The keys and values of one head are packed into float64 rows once and serve every query that reads them.
 */
import type { AttentionMask, TypedArray } from '../contract.ts';
import type { HostView } from '../strides.ts';

/** One query row. */
export interface Query {
  batch: number;
  token: number;
  /** How many keys it may read; 0 for padding. */
  visible: number;
}

/** The queries that read each batch row of the keys. */
export function queriesByKeys(
  query: Pick<HostView, 'shape'>,
  key: Pick<HostView, 'shape'>,
  mask: AttentionMask<TypedArray>,
): Query[][] {
  const [batches, , tokens] = query.shape;
  const keys = key.shape[2];
  const { positions, batch, causal } = mask;
  const groups: Query[][] = Array.from({ length: key.shape[0] }, () => []);
  for (let b = 0; b < batches; b++) {
    const group = groups[batch ? batch.buffer[batch.offset + b] : b];
    for (let token = 0; token < tokens; token++) {
      const position = positions ? positions.buffer[positions.offset + b * tokens + token] : token;
      const visible = position < 0 ? 0 : causal ? Math.min(position + 1, keys) : keys;
      group.push({ batch: b, token, visible });
    }
  }
  return groups;
}

/** Copies one head (T, D) of x (B, H, T, D), whatever its strides, to contiguous float64 rows. */
function packHead(x: HostView, batch: number, head: number, into: Float64Array): void {
  const [, , tokens, d] = x.shape;
  const [batchStride, headStride, tokenStride, step] = x.strides;
  const buffer = x.buffer;
  let row = x.offset + batch * batchStride + head * headStride;
  for (let t = 0, at = 0; t < tokens; t++, row += tokenStride) {
    for (let i = 0, from = row; i < d; i++, from += step) into[at++] = buffer[from];
  }
}

/** Copies the query row (D) of one head. */
function packQuery(x: HostView, { batch, token }: Query, head: number, into: Float64Array): void {
  const [batchStride, headStride, tokenStride, step] = x.strides;
  const buffer = x.buffer;
  let from = x.offset + batch * batchStride + head * headStride + token * tokenStride;
  for (let i = 0; i < into.length; i++, from += step) into[i] = buffer[from];
}

/** Dot products of q (D) with the first `count` rows; returns their maximum. Four rows at a time: one load of q serves four. */
function dots(q: Float64Array, rows: Float64Array, count: number, scale: number, into: Float64Array): number {
  const d = q.length;
  let max = Number.NEGATIVE_INFINITY;
  let s = 0;
  for (; s + 4 <= count; s += 4) {
    let [d0, d1, d2, d3] = [0, 0, 0, 0];
    for (let i = 0, at = s * d; i < d; i++, at++) {
      const qi = q[i];
      d0 += qi * rows[at];
      d1 += qi * rows[at + d];
      d2 += qi * rows[at + 2 * d];
      d3 += qi * rows[at + 3 * d];
    }
    into[s] = d0 * scale;
    into[s + 1] = d1 * scale;
    into[s + 2] = d2 * scale;
    into[s + 3] = d3 * scale;
  }
  for (; s < count; s++) {
    let dot = 0;
    for (let i = 0, at = s * d; i < d; i++) dot += q[i] * rows[at++];
    into[s] = dot * scale;
  }
  for (s = 0; s < count; s++) max = Math.max(max, into[s]);
  return max;
}

/** sum = Σ weights[s] · rows[s] over the first `count` rows, four at a time. */
function weightedSum(weights: Float64Array, rows: Float64Array, count: number, sum: Float64Array): void {
  const d = sum.length;
  sum.fill(0);
  let s = 0;
  for (; s + 4 <= count; s += 4) {
    const w0 = weights[s];
    const w1 = weights[s + 1];
    const w2 = weights[s + 2];
    const w3 = weights[s + 3];
    for (let i = 0, at = s * d; i < d; i++, at++) {
      sum[i] += w0 * rows[at] + w1 * rows[at + d] + w2 * rows[at + 2 * d] + w3 * rows[at + 3 * d];
    }
  }
  for (; s < count; s++) {
    for (let i = 0, at = s * d; i < d; i++) sum[i] += weights[s] * rows[at++];
  }
}

/** rows[s] += weights[s] · row for the first `count` rows. */
function addOuter(rows: Float64Array, weights: Float64Array, count: number, row: Float64Array): void {
  const d = row.length;
  for (let s = 0, at = 0; s < count; s++) {
    const weight = weights[s];
    for (let i = 0; i < d; i++) rows[at++] += weight * row[i];
  }
}

/** Scores s become e^(s − max); returns their sum. */
function exponentials(scores: Float64Array, count: number, max: number): number {
  let total = 0;
  for (let s = 0; s < count; s++) {
    scores[s] = Math.exp(scores[s] - max);
    total += scores[s];
  }
  return total;
}

export function attention(
  query: HostView,
  key: HostView,
  value: HostView,
  mask: AttentionMask<TypedArray>,
  scale: number,
  out: HostView,
): void {
  const [, heads, tokens, d] = query.shape;
  const keys = key.shape[2];
  const [k, v] = [new Float64Array(keys * d), new Float64Array(keys * d)];
  const [q, sum] = [new Float64Array(d), new Float64Array(d)];
  const weights = new Float64Array(keys);
  const to = out.buffer;
  queriesByKeys(query, key, mask).forEach((group, keyBatch) => {
    for (let head = 0; head < heads && group.length > 0; head++) {
      packHead(key, keyBatch, head, k);
      packHead(value, keyBatch, head, v);
      for (const row of group) {
        const index = (row.batch * heads + head) * tokens + row.token;
        packQuery(query, row, head, q);
        const max = dots(q, k, row.visible, scale, weights);
        const total = exponentials(weights, row.visible, max);
        weightedSum(weights, v, row.visible, sum);
        const norm = row.visible === 0 ? 0 : 1 / total;
        for (let i = 0; i < d; i++) to[index * d + i] = sum[i] * norm;
      }
    }
  });
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
  dQuery: HostView,
  dKey: HostView,
  dValue: HostView,
): void {
  const [, heads, tokens, d] = query.shape;
  const keys = key.shape[2];
  const head64 = (): Float64Array => new Float64Array(keys * d);
  const [k, v, dk, dv] = [head64(), head64(), head64(), head64()];
  const [q, g, o, dq] = [new Float64Array(d), new Float64Array(d), new Float64Array(d), new Float64Array(d)];
  const [weights, dWeights] = [new Float64Array(keys), new Float64Array(keys)];
  queriesByKeys(query, key, mask).forEach((group, keyBatch) => {
    for (let head = 0; head < heads; head++) {
      packHead(key, keyBatch, head, k);
      packHead(value, keyBatch, head, v);
      dk.fill(0);
      dv.fill(0);
      for (const row of group) {
        const index = (row.batch * heads + head) * tokens + row.token;
        packQuery(query, row, head, q);
        packQuery(gradient, row, head, g);
        packQuery(output, row, head, o);
        let gDotOut = 0;
        for (let i = 0; i < d; i++) gDotOut += g[i] * o[i];
        const max = dots(q, k, row.visible, scale, weights);
        const total = exponentials(weights, row.visible, max);
        dots(g, v, row.visible, 1, dWeights);
        for (let s = 0; s < row.visible; s++) {
          weights[s] /= total; // p
          dWeights[s] = weights[s] * (dWeights[s] - gDotOut) * scale; // scale · ds
        }
        addOuter(dv, weights, row.visible, g);
        weightedSum(dWeights, k, row.visible, dq);
        addOuter(dk, dWeights, row.visible, q);
        (dQuery.buffer as Float32Array).set(dq, index * d);
      }
      const start = (keyBatch * heads + head) * keys * d;
      (dKey.buffer as Float32Array).set(dk, start);
      (dValue.buffer as Float32Array).set(dv, start);
    }
  });
}
