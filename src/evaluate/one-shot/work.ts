/** What one token took. */
export interface Cost {
  /** Layers that ran. */
  layers: number;
  /** FLOPs that ran, and that the dense model would have run. */
  executed: number;
  dense: number;
}

/** What reading took, over all tokens that were read: what choices share counts once, as it is read once. */
export class Work {
  tokens = 0;
  readonly #sums: Cost = { layers: 0, executed: 0, dense: 0 };

  add(tokens: number, { layers, executed, dense }: Cost): void {
    this.tokens += tokens;
    this.#sums.layers += tokens * layers;
    this.#sums.executed += tokens * executed;
    this.#sums.dense += tokens * dense;
  }

  /** The mean over tokens. */
  get perToken(): { layersPerToken: number; flopsPerToken: number; denseFlopsPerToken: number } {
    const { layers, executed, dense } = this.#sums;
    return {
      layersPerToken: layers / this.tokens,
      flopsPerToken: executed / this.tokens,
      denseFlopsPerToken: dense / this.tokens,
    };
  }
}
