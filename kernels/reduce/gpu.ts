/** Sums over any axes as gpu.js source: one thread per sum. */
import type { View } from '../contract.ts';
import { type GpuSource, offsetSource } from '../pointwise/gpu-index.ts';
import { sizeOf } from '../strides.ts';

export function gpuSum(x: View<unknown>, axes: readonly number[], out: View<unknown>): GpuSource {
  const reduced = (_: number, axis: number): boolean => axes.includes(axis);
  const kept = (_: number, axis: number): boolean => !axes.includes(axis);
  const start = offsetSource('this.thread.x', x.shape.filter(kept), x.strides.filter(kept), x.offset);
  const step = offsetSource('i', x.shape.filter(reduced), x.strides.filter(reduced));
  const source = `function (x) {
    const start = ${start};
    let sum = 0;
    for (let i = 0; i < ${sizeOf(x.shape.filter(reduced))}; i++) sum += x[start + ${step}];
    return sum;
  }`;
  return { source, length: sizeOf(out.shape) };
}
