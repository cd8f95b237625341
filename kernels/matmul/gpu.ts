/**
 * Matrix product as gpu.js source: one thread per element of the result, any strides, summed in the order of k. Its
 * inputs are a, b and, where there is one, the bias.
 */
import type { View } from '../contract.ts';
import { type GpuSource, offsetSource, quotient } from '../pointwise/gpu-index.ts';
import { sizeOf } from '../strides.ts';

export function gpuMatmul(
  a: View<unknown>,
  b: View<unknown>,
  bias: View<unknown> | null,
  out: View<unknown>,
): GpuSource {
  const batch = out.shape.slice(0, -2);
  const [m, n] = out.shape.slice(-2);
  const [rowA, stepA] = a.strides.slice(-2);
  const [stepB, columnB] = b.strides.slice(-2);
  const shift = bias ? `bias[${bias.offset} + column * ${bias.strides[0]}]` : '0';
  const source = `function (${bias ? 'a, b, bias' : 'a, b'}) {
    const row = ${quotient('this.thread.x', n)};
    const column = this.thread.x - row * ${n};
    const matrix = ${quotient('row', m)};
    const startA = ${offsetSource('matrix', batch, a.strides, a.offset)} + (row - matrix * ${m}) * ${rowA};
    const startB = ${offsetSource('matrix', batch, b.strides, b.offset)} + column * ${columnB};
    let sum = 0;
    for (let k = 0; k < ${a.shape[a.shape.length - 1]}; k++) sum += a[startA + k * ${stepA}] * b[startB + k * ${stepB}];
    return sum + ${shift};
  }`;
  return { source, length: sizeOf(out.shape) };
}
