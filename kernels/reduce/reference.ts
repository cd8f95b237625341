/** Reductions over any axes: one pass over x in reading order, float64 accumulators laid out like the result. */
import type { Reduction } from '../contract.ts';
import { contiguousStrides, forEachRow, type HostView, sizeOf } from '../strides.ts';

const start: Record<Reduction, number> = {
  sum: 0,
  prod: 1,
  max: Number.NEGATIVE_INFINITY,
  min: Number.POSITIVE_INFINITY,
};

export function reduce(kind: Reduction, x: HostView, axes: readonly number[], out: HostView): void {
  const size = sizeOf(out.shape);
  const total = new Float64Array(size).fill(start[kind]);
  const rank = x.shape.length;
  const outStrides = contiguousStrides(out.shape).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
  const length = rank === 0 ? 1 : x.shape[rank - 1];
  const stride = rank === 0 ? 0 : x.strides[rank - 1];
  const step = rank === 0 ? 0 : outStrides[rank - 1];
  const targets: number[] = [];
  forEachRow(x.shape, outStrides, 0, (_, to) => targets.push(to));
  let row = 0;
  forEachRow(x.shape, x.strides, x.offset, (_, from) => {
    accumulate(kind, x.buffer, from, stride, length, total, targets[row++], step);
  });
  out.buffer.set(total as unknown as Float32Array);
}

/** Folds one row of x into the accumulators; step 0 folds it into a single one. */
function accumulate(
  kind: Reduction,
  x: HostView['buffer'],
  from: number,
  stride: number,
  length: number,
  total: Float64Array,
  to: number,
  step: number,
): void {
  switch (kind) {
    case 'sum':
      if (step === 0) {
        let sum = 0;
        for (let i = 0, at = from; i < length; i++, at += stride) sum += x[at];
        total[to] += sum;
      } else {
        for (let i = 0, at = from, t = to; i < length; i++, at += stride, t += step) total[t] += x[at];
      }
      break;
    case 'prod':
      for (let i = 0, at = from, t = to; i < length; i++, at += stride, t += step) total[t] *= x[at];
      break;
    case 'max':
      for (let i = 0, at = from, t = to; i < length; i++, at += stride, t += step) {
        total[t] = Math.max(total[t], x[at]);
      }
      break;
    case 'min':
      for (let i = 0, at = from, t = to; i < length; i++, at += stride, t += step) {
        total[t] = Math.min(total[t], x[at]);
      }
      break;
  }
}
