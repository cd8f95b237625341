/** Moving whole rows about: what routers (gather active tokens, scatter them back) and embeddings are made of. */
import type { HostView } from '../strides.ts';

export function gatherRows(x: HostView, index: HostView, out: HostView): void {
  const [count, d] = out.shape;
  for (let i = 0; i < count; i++) {
    const row = index.buffer[index.offset + i];
    if (row < 0) out.buffer.fill(0, i * d, (i + 1) * d);
    else copyRow(x, row, out, i, d);
  }
}

export function scatterRows(base: HostView, index: HostView, rows: HostView, out: HostView): void {
  const [count, d] = rows.shape;
  out.buffer.set(base.buffer.subarray(base.offset, base.offset + base.shape[0] * d) as Float32Array);
  for (let i = 0; i < count; i++) {
    const row = index.buffer[index.offset + i];
    if (row >= 0) copyRow(rows, i, out, row, d);
  }
}

export function scatterAddRows(index: HostView, rows: HostView, out: HostView): void {
  const [count, d] = rows.shape;
  const total = new Float64Array(out.shape[0] * d);
  for (let i = 0; i < count; i++) {
    const row = index.buffer[index.offset + i];
    if (row < 0) continue;
    const from = rows.offset + i * d;
    for (let j = 0; j < d; j++) total[row * d + j] += rows.buffer[from + j];
  }
  out.buffer.set(total as unknown as Float32Array);
}

function copyRow(x: HostView, from: number, out: HostView, to: number, d: number): void {
  const start = x.offset + from * d;
  for (let j = 0; j < d; j++) out.buffer[to * d + j] = x.buffer[start + j];
}

export function gather(x: HostView, index: HostView, out: HostView): void {
  const columns = x.shape[1];
  const [rows, count] = index.shape;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < count; j++) {
      const column = index.buffer[index.offset + i * count + j];
      out.buffer[i * count + j] = x.buffer[x.offset + i * columns + column];
    }
  }
}

export function scatterAdd(x: HostView, index: HostView, source: HostView, out: HostView): void {
  const columns = x.shape[1];
  const [rows, count] = index.shape;
  const total = Float64Array.from(x.buffer.subarray(x.offset, x.offset + rows * columns));
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < count; j++) {
      const column = index.buffer[index.offset + i * count + j];
      total[i * columns + column] += source.buffer[source.offset + i * count + j];
    }
  }
  out.buffer.set(total as unknown as Float32Array);
}

export function copyInto(source: HostView, target: HostView): void {
  const strides = target.strides;
  const last = target.shape.length - 1;
  const [length, step] = last < 0 ? [1, 0] : [target.shape[last], strides[last]];
  const rows = source.shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
  for (let row = 0; row < rows; row++) {
    let rest = row;
    let to = target.offset;
    for (let axis = last - 1; axis >= 0; axis--) {
      to += (rest % target.shape[axis]) * strides[axis];
      rest = Math.floor(rest / target.shape[axis]);
    }
    const from = source.offset + row * length;
    for (let j = 0; j < length; j++) target.buffer[to + j * step] = source.buffer[from + j];
  }
}
