/** Gathering the active tokens out of a batch and putting them back: how skipping saves work (paper section 2.2). */
import type { Places } from '../nn/causal-self-attention.ts';
import { fromTypedArray } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Rows are padded to multiples of this, as the paper's groups, so that shapes repeat from step to step. A small part of
 * B · T keeps the padding small too.
 */
function bucketOf(tokens: number): number {
  return Math.max(1, Math.ceil(tokens / 32));
}

/** The active tokens of a batch (B, T), as N rows; N counts the padding. */
export class ActiveRows {
  /** How many rows are tokens. */
  readonly count: number;
  /** The same as numbers: (count) tokens of B · T. */
  readonly tokens: readonly number[];
  readonly #active: Tensor;
  readonly #start: number;
  #placed: Placed | null = null;

  /**
   * @param active (B, T, 1) bool; read back to the host
   * @param start position of the first token of the batch
   */
  constructor(active: Tensor, start: number) {
    const mask = active.toTypedArray();
    const rows: number[] = [];
    for (let i = 0; i < mask.length; i++) if (mask[i]) rows.push(i);
    this.tokens = rows;
    this.count = rows.length;
    this.#active = active;
    this.#start = start;
  }

  /** (N) int32: which of the B · T tokens each row is; −1 for padding. */
  get index(): Tensor {
    return this.placed().index;
  }

  /** Where the rows' queries stand, for attention. */
  get places(): Places {
    return this.placed().places;
  }

  /** Made when it is first asked for: nobody asks where every token is active, or none, as in decoding. */
  private placed(): Placed {
    this.#placed ??= place(this.tokens, this.#active, this.#start);
    return this.#placed;
  }

  /** The rows of x (B, T, D): (N, 1, D), each a sequence of one token; padding is 0. */
  gather(x: Tensor): Tensor {
    const [batch, tokens, dim] = x.shape;
    return x
      .reshape([batch * tokens, dim])
      .gatherRows(this.index)
      .unsqueeze(1);
  }

  /** x (B, T, D) with the rows y (N, 1, D) put back in their places. */
  scatter(x: Tensor, y: Tensor): Tensor {
    const [batch, tokens, dim] = x.shape;
    return x
      .reshape([batch * tokens, dim])
      .scatterRows(this.index, y.squeeze(1))
      .reshape(x.shape);
  }
}

interface Placed {
  index: Tensor;
  places: Places;
}

/** Where rows stand that are these of the tokens (B, T, 1) of a batch which begins at position `start`. */
function place(rows: readonly number[], { shape, device }: Tensor, start: number): Placed {
  const [batch, tokens] = shape;
  const bucket = bucketOf(batch * tokens);
  const size = Math.ceil(rows.length / bucket) * bucket;
  const index = new Int32Array(size).fill(-1);
  const positions = new Int32Array(size).fill(-1);
  const batchRows = new Int32Array(size);
  rows.forEach((token, row) => {
    index[row] = token;
    positions[row] = start + (token % tokens);
    batchRows[row] = Math.floor(token / tokens);
  });
  return {
    index: fromTypedArray(index, [size], { device }),
    places: {
      positions: fromTypedArray(positions, [size, 1], { device }),
      batch: fromTypedArray(batchRows, [size], { device }),
    },
  };
}
