/**
 * Layer normalisation in GLSL: a texel for each row says how its elements are spread, and the results come from that.
 *
 * Errors, in units of 2⁻²⁴: of the result 8 N |weight| + 2 |bias|, with N = |x̂| + |x̂₀| + σ rstd, where x̂₀ stands for the
 * row's first element and σ for its spread; of dx 10 rstd · (|h| + mean |h| + N mean |h N|); of dWeight 10 Σ |g N| and of
 * dBias 8 Σ |g|. How far a row is from 0 does not matter. Deviations must be below 1e18, where squares become infinite.
 */
import type { Kernels } from '../contract.ts';
import { type GpuBuffer, type GpuMachine, kernelFamily } from '../glsl/kernel.ts';
import { byColumn, fours, lanes, rowsOf } from '../glsl/rows.ts';
import { offsetOf } from '../glsl/views.ts';
import { gpuLayerNormBackward } from './gpu-backward.ts';
import { momentsOf, rstd } from './gpu-moments.ts';

export function gpuLayerNorm(
  machine: GpuMachine,
): Pick<Kernels<GpuBuffer>, 'layerNorm' | 'layerNormBackward'> {
  return {
    layerNorm: (x, weight, bias, epsilon, out) => {
      const rows = rowsOf(x, weight, bias);
      const moments = momentsOf(machine, x, rows);
      const kernel = layerNorm(rows.columns, rows.aligned);
      const inputs = [x.buffer, weight.buffer, bias.buffer, moments];
      machine.run(kernel, inputs, [x.offset, weight.offset, bias.offset, epsilon], out.buffer);
      machine.release(moments);
    },
    layerNormBackward: gpuLayerNormBackward(machine),
  };
}

const layerNorm = kernelFamily('layerNorm', (columns: number, aligned: boolean) => ({
  textures: ['x', 'weight', 'bias', 'moments'],
  numbers: [offsetOf('x'), offsetOf('weight'), offsetOf('bias'), 'epsilon'],
  code: `${fours('x', aligned)}
${byColumn('weight', columns, aligned)}
${byColumn('bias', columns, aligned)}
${rstd(columns)}
vec4 moments_row(float row) { return moments_texel(row); }
${lanes('moments', columns)}
vec4 texel(float t) {
  mat4 row = moments_lanes(t);
  vec4 normal = ((x_four(4.0 * t) - row[0]) - row[1]) * rstdOf(row[2]);
  return normal * weight_columns(row[3]) + bias_columns(row[3]);
}`,
}));
