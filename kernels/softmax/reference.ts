/** Softmax and log-softmax along the last axis, shifted by the row's maximum so that no exponential overflows. */
import { type HostView, sizeOf } from '../strides.ts';

/** The largest of n numbers; −∞ of none. */
export function maxOf(a: HostView['buffer'], from: number, n: number): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n; i++) max = Math.max(max, a[from + i]);
  return max;
}

export function softmax(x: HostView, log: boolean, out: HostView): void {
  const n = x.shape[x.shape.length - 1];
  const a = x.buffer;
  const y = out.buffer;
  for (let start = 0, from = x.offset; start < sizeOf(out.shape); start += n, from += n) {
    const max = maxOf(a, from, n);
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.exp(a[from + i] - max);
    if (log) {
      const logSum = Math.log(sum);
      for (let i = 0; i < n; i++) y[start + i] = a[from + i] - max - logSum;
    } else {
      const scale = 1 / sum;
      for (let i = 0; i < n; i++) y[start + i] = Math.exp(a[from + i] - max) * scale;
    }
  }
}

/** With y = softmax(x): dx = y · (g − Σ g y).  With y = logSoftmax(x): dx = g − e^y · Σ g. */
export function softmaxBackward(gradient: HostView, output: HostView, log: boolean, out: HostView): void {
  const n = output.shape[output.shape.length - 1];
  const g = gradient.buffer;
  const y = output.buffer;
  const dx = out.buffer;
  for (let start = 0; start < sizeOf(out.shape); start += n) {
    const gAt = gradient.offset + start;
    const yAt = output.offset + start;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += log ? g[gAt + i] : g[gAt + i] * y[yAt + i];
    if (log) for (let i = 0; i < n; i++) dx[start + i] = g[gAt + i] - Math.exp(y[yAt + i]) * sum;
    else for (let i = 0; i < n; i++) dx[start + i] = y[yAt + i] * (g[gAt + i] - sum);
  }
}
