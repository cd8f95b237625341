/** Layer normalisation over the last axis (Ba et al. 2016), two passes per row: mean, then variance about it. */
import { type HostView, sizeOf } from '../strides.ts';

function meanOf(a: HostView['buffer'], from: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[from + i];
  return sum / n;
}

/** 1 / √(variance + ε) of n numbers about their mean. */
function rstdOf(a: HostView['buffer'], from: number, n: number, mean: number, epsilon: number): number {
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (a[from + i] - mean) * (a[from + i] - mean);
  return 1 / Math.sqrt(squares / n + epsilon);
}

export function layerNorm(
  x: HostView,
  weight: HostView,
  bias: HostView,
  epsilon: number,
  out: HostView,
): void {
  const n = x.shape[x.shape.length - 1];
  const a = x.buffer;
  const w = weight.buffer;
  const b = bias.buffer;
  const y = out.buffer;
  for (let to = 0, from = x.offset; to < sizeOf(x.shape); to += n, from += n) {
    const mean = meanOf(a, from, n);
    const rstd = rstdOf(a, from, n, mean, epsilon);
    for (let i = 0; i < n; i++) {
      y[to + i] = (a[from + i] - mean) * rstd * w[weight.offset + i] + b[bias.offset + i];
    }
  }
}

/**
 * With x̂ = (x − mean) rstd and h = g · weight: dx = rstd · (h − mean(h) − x̂ · mean(h x̂)). Mean and rstd are computed
 * again: kept in float32, they would be off by more than the spread of a row far from 0.
 */
export function layerNormBackward(
  gradient: HostView,
  x: HostView,
  weight: HostView,
  epsilon: number,
  dx: HostView,
  dWeight: HostView,
  dBias: HostView,
): void {
  const n = x.shape[x.shape.length - 1];
  const g = gradient.buffer;
  const a = x.buffer;
  const w = weight.buffer;
  const sumWeight = new Float64Array(n);
  const sumBias = new Float64Array(n);
  for (let to = 0; to < sizeOf(x.shape); to += n) {
    const from = x.offset + to;
    const gAt = gradient.offset + to;
    const mean = meanOf(a, from, n);
    const rstd = rstdOf(a, from, n, mean, epsilon);
    let meanH = 0;
    let meanHX = 0;
    for (let i = 0; i < n; i++) {
      const normal = (a[from + i] - mean) * rstd;
      const h = g[gAt + i] * w[weight.offset + i];
      meanH += h;
      meanHX += h * normal;
      sumWeight[i] += g[gAt + i] * normal;
      sumBias[i] += g[gAt + i];
    }
    meanH /= n;
    meanHX /= n;
    for (let i = 0; i < n; i++) {
      const normal = (a[from + i] - mean) * rstd;
      dx.buffer[to + i] = rstd * (g[gAt + i] * w[weight.offset + i] - meanH - normal * meanHX);
    }
  }
  dWeight.buffer.set(sumWeight as unknown as Float32Array);
  dBias.buffer.set(sumBias as unknown as Float32Array);
}
