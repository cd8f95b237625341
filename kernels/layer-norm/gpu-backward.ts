/**
 * The gradients of layer normalisation. With x̂ = (x − mean) rstd and h = g · weight:
 *
 *     dx = rstd · (h − mean(h) − x̂ · mean(h x̂))      dWeight = Σ g x̂      dBias = Σ g
 *
 * where Σ runs over all rows.
 */
import type { Kernels } from '../contract.ts';
import { type GpuBuffer, type GpuMachine, kernelFamily } from '../glsl/kernel.ts';
import {
  addingRows,
  addRows,
  alongBlock,
  byColumn,
  fours,
  inRow,
  lanes,
  mergeSums,
  rowsOf,
  summariesOfBlocks,
  summarize,
} from '../glsl/rows.ts';
import { offsetOf } from '../glsl/views.ts';
import { momentsOf, rstd } from './gpu-moments.ts';

export function gpuLayerNormBackward(machine: GpuMachine): Kernels<GpuBuffer>['layerNormBackward'] {
  return (g, x, weight, epsilon, dx, dWeight, dBias) => {
    const rows = rowsOf(g, x, weight);
    const { columns, aligned } = rows;
    if (rows.rows === 0) {
      for (const { buffer } of [dWeight, dBias]) machine.write(buffer, new Float32Array(columns));
      return;
    }
    const moments = momentsOf(machine, x, rows);
    const numbers = [g.offset, x.offset, epsilon];

    const inputs = [g.buffer, x.buffer, moments, weight.buffer];
    const withWeight = [...numbers, weight.offset];
    const sums = summarize(machine, rows, sumsOfBlocks(columns, aligned), mergeSums, inputs, withWeight);
    machine.run(gradient(columns, aligned), [...inputs, sums], withWeight, dx.buffer);
    machine.release(sums);

    addRows(
      machine,
      rows,
      addNormals(columns, aligned),
      [g.buffer, x.buffer, moments],
      numbers,
      dWeight.buffer,
    );
    addRows(machine, rows, addGradients(columns, aligned), [g.buffer], [g.offset], dBias.buffer);
    machine.release(moments);
  };
}

const numberNames = [offsetOf('g'), offsetOf('x'), 'epsilon'];

/** Σ h and Σ h x̂ along rows. */
const sumsOfBlocks = kernelFamily('layerNormSums', (columns: number, aligned: boolean) => ({
  textures: ['g', 'x', 'moments', 'weight'],
  numbers: [...numberNames, offsetOf('weight')],
  code: `${['g', 'x', 'weight'].map((name) => fours(name, aligned)).join('\n')}
${rstd(columns)}
vec4 summary(float row, float first) {
  float start = row * ${columns}.0;
  vec4 moments = moments_texel(row);
  float scale = rstdOf(moments.z);
  vec4 sum = vec4(0.0);
  vec4 sumWithNormal = vec4(0.0);
  ${alongBlock(
    columns,
    `vec4 h = ${inRow(columns, 'g_four(start + column) * weight_four(column)')};
    vec4 normal = ${inRow(columns, '((x_four(start + column) - moments.x) - moments.y) * scale')};
    sum += h;
    sumWithNormal += h * normal;`,
  )}
  return vec4(sumOf(sum), sumOf(sumWithNormal), 0.0, 0.0);
}
${summariesOfBlocks(columns)}`,
}));

const gradient = kernelFamily('layerNormBackward', (columns: number, aligned: boolean) => ({
  textures: ['g', 'x', 'moments', 'weight', 'sums'],
  numbers: [...numberNames, offsetOf('weight')],
  code: `${fours('g', aligned)}
${fours('x', aligned)}
${byColumn('weight', columns, aligned)}
${rstd(columns)}
vec4 moments_row(float row) { return moments_texel(row); }
${lanes('moments', columns)}
vec4 sums_row(float row) { return sums_texel(row); }
${lanes('sums', columns)}
vec4 texel(float t) {
  mat4 row = moments_lanes(t);
  vec4 scale = rstdOf(row[2]);
  vec4 normal = ((x_four(4.0 * t) - row[0]) - row[1]) * scale;
  vec4 h = g_four(4.0 * t) * weight_columns(row[3]);
  mat4 sums = sums_lanes(t);
  return scale * (h - sums[0] / ${columns}.0 - normal * (sums[1] / ${columns}.0));
}`,
}));

/** Σ g x̂ over rows. */
const addNormals = kernelFamily('addNormals', (columns: number, aligned: boolean) =>
  addingRows(
    columns,
    ['g', 'x', 'moments'],
    numberNames,
    `${fours('g', aligned)}
${fours('x', aligned)}
${rstd(columns)}
vec4 term(float row, float column) {
  float e = row * ${columns}.0 + column;
  vec4 moments = moments_texel(row);
  return g_four(e) * (((x_four(e) - moments.x) - moments.y) * rstdOf(moments.z));
}`,
  ),
);

const addGradients = kernelFamily('addGradients', (columns: number, aligned: boolean) =>
  addingRows(
    columns,
    ['g'],
    [offsetOf('g')],
    `${fours('g', aligned)}
vec4 term(float row, float column) { return g_four(row * ${columns}.0 + column); }`,
  ),
);
