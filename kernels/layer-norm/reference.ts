/** Layer normalisation over the last axis (Ba et al. 2016), two passes per row: mean, then variance about it. */
import { type HostView, sizeOf } from '../strides.ts';

export function layerNorm(
  x: HostView,
  weight: HostView,
  bias: HostView,
  epsilon: number,
  out: HostView,
  mean: HostView,
  rstd: HostView,
): void {
  const n = x.shape[x.shape.length - 1];
  const a = x.buffer;
  const w = weight.buffer;
  const b = bias.buffer;
  const y = out.buffer;
  const rows = sizeOf(mean.shape);
  for (let row = 0; row < rows; row++) {
    const from = x.offset + row * n;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += a[from + i];
    const mu = sum / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (a[from + i] - mu) * (a[from + i] - mu);
    const scale = 1 / Math.sqrt(squares / n + epsilon);
    for (let i = 0; i < n; i++) {
      y[row * n + i] = (a[from + i] - mu) * scale * w[weight.offset + i] + b[bias.offset + i];
    }
    mean.buffer[row] = mu;
    rstd.buffer[row] = scale;
  }
}

/** With x̂ = (x − mean) rstd and h = g · weight: dx = rstd · (h − mean(h) − x̂ · mean(h x̂)). */
export function layerNormBackward(
  gradient: HostView,
  x: HostView,
  weight: HostView,
  mean: HostView,
  rstd: HostView,
  dx: HostView,
  dWeight: HostView,
  dBias: HostView,
): void {
  const n = x.shape[x.shape.length - 1];
  const g = gradient.buffer;
  const a = x.buffer;
  const w = weight.buffer;
  const to = dx.buffer;
  const sumWeight = new Float64Array(n);
  const sumBias = new Float64Array(n);
  const rows = sizeOf(mean.shape);
  for (let row = 0; row < rows; row++) {
    const from = x.offset + row * n;
    const gAt = gradient.offset + row * n;
    const mu = mean.buffer[mean.offset + row];
    const scale = rstd.buffer[rstd.offset + row];
    let meanH = 0;
    let meanHX = 0;
    for (let i = 0; i < n; i++) {
      const normal = (a[from + i] - mu) * scale;
      const h = g[gAt + i] * w[weight.offset + i];
      meanH += h;
      meanHX += h * normal;
      sumWeight[i] += g[gAt + i] * normal;
      sumBias[i] += g[gAt + i];
    }
    meanH /= n;
    meanHX /= n;
    for (let i = 0; i < n; i++) {
      const normal = (a[from + i] - mu) * scale;
      to[row * n + i] = scale * (g[gAt + i] * w[weight.offset + i] - meanH - normal * meanHX);
    }
  }
  dWeight.buffer.set(sumWeight as unknown as Float32Array);
  dBias.buffer.set(sumBias as unknown as Float32Array);
}
