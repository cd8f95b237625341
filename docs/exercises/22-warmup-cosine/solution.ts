export interface Schedule {
  /** The largest learning rate, reached at step `warmup`. */
  peak: number;
  /** How many steps lead up to it. */
  warmup: number;
  /** The step from which on the learning rate is `floor`; more than `warmup`. */
  total: number;
  floor: number;
}

/**
 * The learning rate of a step, counted from 0: up along a line, which would start from 0 one step before the first, so
 * that the first already moves: step s has peak · (s + 1) / (warmup + 1). Then down along half a cosine, from the peak at
 * step `warmup` to the floor at step `total`.
 */
export function learningRate(step: number, { peak, warmup, total, floor }: Schedule): number {
  // #region yours
  if (step < warmup) return (peak * (step + 1)) / (warmup + 1);
  if (step >= total) return floor;
  const progress = (step - warmup) / (total - warmup); // from 0 to 1
  return floor + ((peak - floor) * (1 + Math.cos(Math.PI * progress))) / 2;
  // #endregion
}
