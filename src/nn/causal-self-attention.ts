import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { KeysAndValues } from './key-value-cache.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';

/**
 * Where the query rows stand, when they are not simply all tokens in order: gathered tokens come as (N, 1, D), one
 * "sequence" a token, and say which batch row and position each was taken from.
 */
export interface Places {
  /** (Bq, Tq) int32: position of each query row; −1 for padding. */
  positions?: Tensor;
  /** (Bq) int32: which batch row of keys and values it reads. */
  batch?: Tensor;
  /** (B, 1, T, T) bool: which keys a query reads, where these are not simply all up to its position. */
  visible?: Tensor;
}

/** Multi-head attention in which a token reads itself and what came before it (Vaswani et al. 2017). */
export class CausalSelfAttention extends Module {
  query: Linear;
  key: Linear;
  value: Linear;
  output: Linear;
  readonly heads: number;

  constructor(dim: number, heads: number, random: Random, outputScale = 1) {
    super();
    this.heads = heads;
    this.query = new Linear(dim, dim, random);
    this.key = new Linear(dim, dim, random);
    this.value = new Linear(dim, dim, random);
    this.output = new Linear(dim, dim, random, { scale: outputScale * dim ** -0.5 });
  }

  /**
   * Keys and values of tokens z (B, T, D): (B, H, T, headDim) each. `arrange` puts the projections in other places before
   * they are split into heads.
   */
  keysAndValues(z: Tensor, arrange: (x: Tensor) => Tensor = (x) => x): KeysAndValues {
    const of = (projection: Linear): Tensor => this.splitHeads(arrange(projection.forward(z)));
    return { key: of(this.key), value: of(this.value) };
  }

  /** What tokens z (Bq, Tq, D) read from keys and values: (Bq, Tq, D). */
  attend(z: Tensor, kv: KeysAndValues, { visible, ...places }: Places = {}): Tensor {
    const query = this.splitHeads(this.query.forward(z)); // (Bq, H, Tq, headDim)
    const read = visible
      ? readVisible(query, kv, visible)
      : query.scaledDotProductAttention(kv.key, kv.value, { causal: true, ...places }); // (Bq, H, Tq, headDim)
    return this.output.forward(read.transpose(1, 2).reshape(z.shape)); // (Bq, Tq, D)
  }

  /** Attention of z (B, T, D) to itself: (B, T, D). */
  forward(z: Tensor): Tensor {
    return this.attend(z, this.keysAndValues(z));
  }

  private splitHeads(x: Tensor): Tensor {
    const [batch, tokens, dim] = x.shape;
    return x.reshape([batch, tokens, this.heads, dim / this.heads]).transpose(1, 2); // (B, H, T, headDim)
  }
}

/** What queries (B, H, T, headDim) read where `visible` (B, 1, T, T) says which keys, at least one each: (B, H, T, headDim). */
function readVisible(query: Tensor, { key, value }: KeysAndValues, visible: Tensor): Tensor {
  const scores = query.matmul(key.transpose()).mul(query.shape[3] ** -0.5); // (B, H, T, T)
  return visible.where(scores, -1e30).softmax().matmul(value);
}
