/** One step of a computation with plain numbers: how its value was made from the values of earlier steps. */
export interface Step {
  op: 'input' | 'add' | 'mul' | 'sin';
  /** Which steps it read: none, one (sin) or two (add, mul). */
  inputs: readonly number[];
  /** What came out. */
  value: number;
}

/** ∂(the last step) / ∂(each step), from the steps in the order in which they were computed. */
export function slopes(tape: readonly Step[]): number[] {
  // #region yours
  const slope = tape.map(() => 0);
  slope[tape.length - 1] = 1;
  for (let i = tape.length - 1; i >= 0; i--) {
    const { op, inputs } = tape[i];
    const [a, b] = inputs;
    if (op === 'add') for (const input of inputs) slope[input] += slope[i];
    if (op === 'sin') slope[a] += slope[i] * Math.cos(tape[a].value);
    if (op === 'mul') {
      slope[a] += slope[i] * tape[b].value;
      slope[b] += slope[i] * tape[a].value;
    }
  }
  return slope;
  // #endregion
}
