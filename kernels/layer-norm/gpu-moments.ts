/**
 * How the elements of a row are spread: its first element x₀, the mean of x − x₀, and the sum of the squares about that mean.
 * Rows are measured from their first element on, for far from 0 a mean in float32 would be off by more than their spread.
 * Blocks are put together as Chan, Golub & LeVeque (1979) do, with no difference of large sums.
 */
import type { View } from '../contract.ts';
import { type GpuBuffer, type GpuMachine, kernelFamily } from '../glsl/kernel.ts';
import {
  alongBlock,
  blocksOf,
  fours,
  inRow,
  merging,
  type Rows,
  summariesOfBlocks,
  summarize,
} from '../glsl/rows.ts';
import { offsetOf } from '../glsl/views.ts';

const momentsOfBlocks = kernelFamily('momentsOfBlocks', (columns: number, aligned: boolean) => ({
  textures: ['x'],
  numbers: [offsetOf('x')],
  code: `${fours('x', aligned)}
vec4 summary(float row, float first) {
  float start = row * ${columns}.0;
  float origin = x_at(n_${offsetOf('x')} + start);
  vec4 sum = vec4(0.0);
  ${alongBlock(columns, `sum += ${inRow(columns, 'x_four(start + column) - origin')};`)}
  float count = min(${blocksOf(columns).length}.0, ${columns}.0 - first);
  float mean = sumOf(sum) / count;
  vec4 squares = vec4(0.0);
  ${alongBlock(
    columns,
    `vec4 d = ${inRow(columns, '(x_four(start + column) - origin) - mean')};
    squares += d * d;`,
  )}
  return vec4(origin, mean, sumOf(squares), count);
}
${summariesOfBlocks(columns)}`,
}));

const mergeMoments = kernelFamily('mergeMoments', (parts: number) =>
  merging(
    parts,
    `vec4 merged(vec4 a, vec4 b) {
  float count = a.w + b.w;
  float distance = b.y - a.y;
  float share = b.w / count;
  return vec4(a.x, a.y + distance * share, a.z + b.z + distance * distance * (a.w * share), count);
}`,
  ),
);

/** A texel for each row: first element, mean from there, sum of squares, how many there are. The caller releases it. */
export function momentsOf(machine: GpuMachine, x: View<GpuBuffer>, rows: Rows): GpuBuffer {
  const kernel = momentsOfBlocks(rows.columns, rows.aligned);
  return summarize(machine, rows, kernel, mergeMoments, [x.buffer], [x.offset]);
}

/** GLSL for 1 / √(variance + ε), of one row and of four, with the number `epsilon`. */
export function rstd(columns: number): string {
  const formula = `1.0 / sqrt(squares / ${columns}.0 + n_epsilon)`;
  return `float rstdOf(float squares) { return ${formula}; }
vec4 rstdOf(vec4 squares) { return ${formula}; }`;
}
