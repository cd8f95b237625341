/** Mean cross-entropy of logits against class indices, and its gradient softmax − one-hot. */
import { maxOf } from '../softmax/reference.ts';
import type { HostView } from '../strides.ts';

export function crossEntropy(logits: HostView, targets: HostView, ignoreIndex: number, out: HostView): void {
  const [rows, classes] = logits.shape;
  const x = logits.buffer;
  let total = 0;
  let counted = 0;
  for (let row = 0; row < rows; row++) {
    const target = targets.buffer[targets.offset + row];
    if (target === ignoreIndex) continue;
    const from = logits.offset + row * classes;
    const max = maxOf(x, from, classes);
    let sum = 0;
    for (let i = 0; i < classes; i++) sum += Math.exp(x[from + i] - max);
    total += max - x[from + target] + Math.log(sum);
    counted++;
  }
  out.buffer[0] = total / counted; // NaN where nothing counts, as in PyTorch
}

export function crossEntropyBackward(
  g: HostView,
  logits: HostView,
  targets: HostView,
  ignoreIndex: number,
  out: HostView,
): void {
  const [rows, classes] = logits.shape;
  const x = logits.buffer;
  const dx = out.buffer;
  let counted = 0;
  for (let row = 0; row < rows; row++) if (targets.buffer[targets.offset + row] !== ignoreIndex) counted++;
  const scale = g.buffer[g.offset] / counted;
  for (let row = 0; row < rows; row++) {
    const from = logits.offset + row * classes;
    const to = row * classes;
    const target = targets.buffer[targets.offset + row];
    if (target === ignoreIndex) {
      for (let i = 0; i < classes; i++) dx[to + i] = 0;
      continue;
    }
    // From differences alone: a log-sum-exp kept in float32 would be off by its own rounding, however close the logits.
    const max = maxOf(x, from, classes);
    let sum = 0;
    for (let i = 0; i < classes; i++) {
      const power = Math.exp(x[from + i] - max);
      dx[to + i] = power;
      sum += power;
    }
    for (let i = 0; i < classes; i++) dx[to + i] *= scale / sum;
    dx[to + target] -= scale;
  }
}
