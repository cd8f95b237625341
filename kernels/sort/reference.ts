/** Order along the last axis: stable sort and the position of the extreme. NaN counts as the largest number. */
import { type HostView, sizeOf } from '../strides.ts';

function compare(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a - b;
}

export function sort(x: HostView, descending: boolean, values: HostView, indices: HostView): void {
  const n = x.shape[x.shape.length - 1];
  const order = new Int32Array(n);
  for (let start = 0; start < sizeOf(values.shape); start += n) {
    const from = x.offset + start;
    for (let i = 0; i < n; i++) order[i] = i;
    const sign = descending ? -1 : 1;
    order.sort((i, j) => sign * compare(x.buffer[from + i], x.buffer[from + j]) || i - j);
    for (let i = 0; i < n; i++) {
      values.buffer[start + i] = x.buffer[from + order[i]];
      indices.buffer[start + i] = order[i];
    }
  }
}

export function argReduce(kind: 'max' | 'min', x: HostView, out: HostView): void {
  const n = x.shape[x.shape.length - 1];
  for (let row = 0; row < sizeOf(out.shape); row++) {
    const from = x.offset + row * n;
    let best = 0;
    for (let i = 1; i < n; i++) {
      const value = x.buffer[from + i];
      const champion = x.buffer[from + best];
      if (Number.isNaN(champion)) break;
      if (Number.isNaN(value) || (kind === 'max' ? value > champion : value < champion)) best = i;
    }
    out.buffer[row] = best;
  }
}
