export interface Fall {
  /** P at the end, above 0 and at most 1. */
  target: number;
  /** Up to this step P is 1: every layer runs for every token … */
  from: number;
  /** … and from this one on, from ≤ to, it is the target; also where both are the same step, and nothing falls. */
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
