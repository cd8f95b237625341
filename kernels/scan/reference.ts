/** Running sums and products along the last axis. */
import { type HostView, sizeOf } from '../strides.ts';

export function scan(kind: 'sum' | 'prod', x: HostView, out: HostView): void {
  const n = x.shape[x.shape.length - 1];
  for (let start = 0; start < sizeOf(out.shape); start += n) {
    let total = kind === 'sum' ? 0 : 1;
    for (let i = 0; i < n; i++) {
      const value = x.buffer[x.offset + start + i];
      total = kind === 'sum' ? total + value : total * value;
      out.buffer[start + i] = total;
    }
  }
}
