export interface Fall {
  /** P at the end, above 0 and at most 1. */
  target: number;
  /** Up to this step P is 1: every layer runs for every token … */
  from: number;
  /** … and at this one, from ≤ to, it has come down to the target. */
  to: number;
}

/** P of a training step, counted from 0: 1, then down along a line, then the target for good. */
export function densityAt(step: number, { target, from, to }: Fall): number {
  // #region yours
  if (step >= to) return target;
  if (step <= from) return 1;
  const progress = (step - from) / (to - from);
  return 1 - progress * (1 - target);
  // #endregion
}
