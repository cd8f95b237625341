/**
 * Softmax in GLSL: what is known of each row first (see glsl/rows.ts), then the result from that.
 *
 * Errors: of softmax 4e-7 + 6e-8 log (n / y), relative to y, the result, in rows of n, and 0 where y is smaller than normal
 * numbers; of its logarithm y, 4e-7 + 3e-7 |y| + 6e-8 log n; of the gradients 4e-7 |y| (|g| + Σ |g y|), and of those of the
 * logarithm 1.2e-7 |g| + 5e-7 e^y Σ |g|.
 */
import type { Kernels } from '../contract.ts';
import { type GpuBuffer, type GpuMachine, kernelFamily } from '../glsl/kernel.ts';
import {
  alongBlock,
  fours,
  inRow,
  lanes,
  mergeSums,
  rowsOf,
  summariesOfBlocks,
  summarize,
} from '../glsl/rows.ts';
import { offsetOf } from '../glsl/views.ts';
import { isShort, powers, withPowers } from './gpu-powers.ts';

export function gpuSoftmax(machine: GpuMachine): Pick<Kernels<GpuBuffer>, 'softmax' | 'softmaxBackward'> {
  return {
    softmax: (x, log, out) => {
      const rows = rowsOf(x);
      const kernel = softmax(rows.columns, rows.aligned, log);
      withPowers(machine, x, rows, (inputs) => machine.run(kernel, inputs, [x.offset], out.buffer));
    },
    softmaxBackward: (g, y, log, out) => {
      const rows = rowsOf(g, y);
      const { columns, aligned } = rows;
      const [inputs, numbers] = [
        [g.buffer, y.buffer],
        [g.offset, y.offset],
      ];
      const kernel = softmaxBackward(columns, aligned, log);
      if (isShort(columns)) {
        machine.run(kernel, inputs, numbers, out.buffer);
        return;
      }
      const sums = summarize(machine, rows, sumsOfBlocks(columns, aligned, log), mergeSums, inputs, numbers);
      machine.run(kernel, [...inputs, sums], numbers, out.buffer);
      machine.release(sums);
    },
  };
}

const softmax = kernelFamily('softmax', (columns: number, aligned: boolean, log: boolean) => {
  const { textures, code } = powers(columns, aligned);
  return {
    textures,
    numbers: [offsetOf('x')],
    code: `${code}
${lanes('powers', columns)}
vec4 texel(float t) {
  mat4 row = powers_lanes(t);
  vec4 distance = x_four(4.0 * t) - row[0];
  return ${log ? 'distance - logOf(row[1])' : 'expOf(distance) / row[1]'};
}`,
  };
});

/** GLSL for `vec4 summary(float row, float first)`: what is taken from g, the same in all of a row, is a sum. */
function sumOf(columns: number, aligned: boolean, log: boolean): string {
  const term = log ? 'g_four(start + column)' : 'g_four(start + column) * y_four(start + column)';
  return `${fours('g', aligned)}
${fours('y', aligned)}
vec4 summary(float row, float first) {
  float start = row * ${columns}.0;
  vec4 sum = vec4(0.0);
  ${alongBlock(columns, `sum += ${inRow(columns, term)};`)}
  return vec4(sumOf(sum), 0.0, 0.0, 0.0);
}`;
}

const sumsOfBlocks = kernelFamily('softmaxSums', (columns: number, aligned: boolean, log: boolean) => ({
  textures: ['g', 'y'],
  numbers: [offsetOf('g'), offsetOf('y')],
  code: `${sumOf(columns, aligned, log)}\n${summariesOfBlocks(columns)}`,
}));

const softmaxBackward = kernelFamily(
  'softmaxBackward',
  (columns: number, aligned: boolean, log: boolean) => ({
    textures: ['g', 'y', ...(isShort(columns) ? [] : ['sums'])],
    numbers: [offsetOf('g'), offsetOf('y')],
    code: `
${sumOf(columns, aligned, log)}
vec4 sums_row(float row) { return ${isShort(columns) ? 'summary(row, 0.0)' : 'sums_texel(row)'}; }
${lanes('sums', columns)}
vec4 texel(float t) {
  vec4 g = g_four(4.0 * t);
  vec4 y = y_four(4.0 * t);
  vec4 sum = sums_lanes(t)[0];
  return ${log ? 'g - expOf(y) * sum' : 'y * (g - sum)'};
}`,
  }),
);
