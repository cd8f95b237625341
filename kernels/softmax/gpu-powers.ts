/**
 * What softmax and cross-entropy know of a row x: its maximum and Σ e^(x − max). Blocks with maxima of their own are put
 * together by shrinking the sum of the lower one.
 */
import type { View } from '../contract.ts';
import { type GpuBuffer, type GpuMachine, kernelFamily } from '../glsl/kernel.ts';
import { alongBlock, fours, inRow, merging, type Rows, summariesOfBlocks, summarize } from '../glsl/rows.ts';
import { offsetOf } from '../glsl/views.ts';

/** Rows so short that each texel may walk along its rows itself: no launch for them, and no texel a row. */
const SHORT = 8;

export function isShort(columns: number): boolean {
  return columns <= SHORT;
}

/** GLSL for `vec4 summary(float row, float first)` of a block of x; needs `x_four`. */
function summaryOf(columns: number): string {
  return `vec4 summary(float row, float first) {
  float start = row * ${columns}.0;
  vec4 most = vec4(x_at(n_${offsetOf('x')} + start + first));
  ${alongBlock(columns, `most = larger(most, ${inRow(columns, 'x_four(start + column)', 'most')});`)}
  float peak = larger(larger(most.x, most.y), larger(most.z, most.w));
  vec4 sum = vec4(0.0);
  ${alongBlock(columns, `sum += ${inRow(columns, 'expOf(x_four(start + column) - peak)')};`)}
  return vec4(peak, sumOf(sum), 0.0, 0.0);
}`;
}

const powersOfBlocks = kernelFamily('powersOfBlocks', (columns: number, aligned: boolean) => ({
  textures: ['x'],
  numbers: [offsetOf('x')],
  code: [fours('x', aligned), summaryOf(columns), summariesOfBlocks(columns)].join('\n'),
}));

/** A block of −∞ alone has NaN for its sum, which counts only where there is nothing else. */
const mergePowers = kernelFamily('mergePowers', (parts: number) =>
  merging(
    parts,
    `
vec4 merged(vec4 a, vec4 b) {
  float peak = larger(a.x, b.x);
  vec2 share = expOf(vec4(a.x, b.x, peak, peak) - peak).xy;
  float sum = (share.x == 0.0 ? 0.0 : share.x * a.y) + (share.y == 0.0 ? 0.0 : share.y * b.y);
  return vec4(peak, sum, 0.0, 0.0);
}`,
  ),
);

/** Hands `use` the textures that a source made of `powers` reads: x and, but for short rows, the summaries. */
export function withPowers(
  machine: GpuMachine,
  x: View<GpuBuffer>,
  rows: Rows,
  use: (inputs: readonly GpuBuffer[]) => void,
): void {
  if (isShort(rows.columns)) {
    use([x.buffer]);
    return;
  }
  const kernel = powersOfBlocks(rows.columns, rows.aligned);
  const summaries = summarize(machine, rows, kernel, mergePowers, [x.buffer], [x.offset]);
  use([x.buffer, summaries]);
  machine.release(summaries);
}

/** The textures of `withPowers`, and GLSL for `x_four`, `vec4 powers_row(float row)`. */
export function powers(columns: number, aligned: boolean): { textures: readonly string[]; code: string } {
  const [textures, row] = isShort(columns)
    ? [['x'], `${summaryOf(columns)}\nvec4 powers_row(float row) { return summary(row, 0.0); }`]
    : [['x', 'powers'], 'vec4 powers_row(float row) { return powers_texel(row); }'];
  return { textures, code: [fours('x', aligned), row].join('\n') };
}
