/** The active tokens of every text, moved to its front: the keys that are left where skipped tokens leave none. */
import type { Device } from '../../device/device.ts';
import type { Places } from '../../nn/causal-self-attention.ts';
import type { Kept } from '../../nn/key-value-cache.ts';
import { fromTypedArray } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { ActiveRows } from '../active-rows.ts';

/**
 * The active tokens of a batch (B, T) as texts (B, R); R is the most that one has, and at least 1. Behind a shorter text
 * stands padding, which nobody reads: queries stand at *ranks*, where their own keys are, and causal attention ends there.
 */
export class ActiveTexts implements Kept {
  readonly tokens: number;
  readonly positions: readonly (readonly number[])[];
  /** (B · T): of an active token, how many active ones come before it; of a skipped one, the rank of the last of these. */
  readonly #ranks: Int32Array;
  readonly #rows: ActiveRows;
  readonly #device: Device;

  /**
   * @param active (B, T, 1) bool
   * @param rows the active tokens of the batch
   * @param start position of its first tokens
   * @param before (B) how many active tokens came before the batch: those in the cache
   */
  constructor(active: Tensor, rows: ActiveRows, start: number, before: readonly number[]) {
    const [batch, tokens] = active.shape;
    const ran = new Set(rows.tokens);
    const positions = before.map((): number[] => []);
    this.#ranks = Int32Array.from({ length: batch * tokens }, (_, token) => {
      const text = Math.floor(token / tokens);
      if (ran.has(token)) positions[text].push(start + (token % tokens));
      return before[text] + positions[text].length - 1;
    });
    this.#rows = rows;
    this.#device = active.device;
    this.tokens = tokens;
    this.positions = positions;
  }

  /** Where the queries of the rows (N, 1) stand. */
  placesOfRows(): Places {
    const { index, tokens, places } = this.#rows;
    const ranks = new Int32Array(index.size).fill(-1);
    tokens.forEach((token, row) => {
      ranks[row] = this.#ranks[token];
    });
    return { ...places, positions: fromTypedArray(ranks, [index.size, 1], { device: index.device }) };
  }

  /** Where the queries of all tokens (B, T) stand: a skipped one reads the active ones before it, or nothing. */
  placesOfTokens(): Places {
    const shape = [this.positions.length, this.tokens];
    return { positions: fromTypedArray(this.#ranks, shape, { device: this.#device }) };
  }

  /** Rows x (N, 1, D) as texts (B, R, D). */
  ofRows(x: Tensor): Tensor {
    return this.gather(x, (row) => row);
  }

  /** The active ones of tokens x (B, T, D) as texts (B, R, D). */
  ofTokens(x: Tensor): Tensor {
    return this.gather(x, (row) => this.#rows.tokens[row]);
  }

  private gather(x: Tensor, from: (row: number) => number): Tensor {
    const dim = x.shape[2];
    const counts = this.positions.map((those) => those.length);
    const longest = Math.max(1, ...counts);
    const index = new Int32Array(counts.length * longest).fill(-1);
    let row = 0;
    counts.forEach((count, text) => {
      for (let i = 0; i < count; i++) index[text * longest + i] = from(row++);
    });
    return x
      .reshape([x.size / dim, dim])
      .gatherRows(fromTypedArray(index, [index.length], { device: x.device }))
      .reshape([counts.length, longest, dim]);
  }
}
