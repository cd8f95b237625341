/**
 * Rows along the last axis on the GPU. What a kernel must know of a whole row is its summary, four numbers in one texel:
 * made of blocks of the row first, then merged. Nothing adds up more than 64 texels one after the other, so that errors
 * hardly grow with the length, and there is work for many even where there are few rows.
 */
import type { View } from '../contract.ts';
import { sizeOf } from '../strides.ts';
import { type GpuBuffer, type GpuKernel, type GpuMachine, type GpuSource, kernelFamily } from './kernel.ts';
import { offsetOf } from './views.ts';

/** Texels that are added up one after the other. */
const BLOCK = 64;

/** Contiguous views of one shape. Lengths of rows stand in sources; how many there are does not. */
export interface Rows {
  readonly rows: number;
  readonly columns: number;
  /** Whether texels of the buffers are texels of rows. */
  readonly aligned: boolean;
}

/** @param others views of the same rows, or of one row */
export function rowsOf(view: View<unknown>, ...others: readonly View<unknown>[]): Rows {
  const { shape } = view;
  const columns = shape[shape.length - 1];
  const aligned = columns % 4 === 0 && [view, ...others].every(({ offset }) => offset % 4 === 0);
  return { rows: sizeOf(shape.slice(0, -1)), columns, aligned };
}

/** GLSL for `vec4 x_four(float e)`: elements e … e + 3 of a contiguous view; behind its end stands anything. */
export function fours(name: string, aligned: boolean): string {
  const place = `n_${offsetOf(name)} + e`;
  if (aligned) return `vec4 ${name}_four(float e) { return ${name}_texel(0.25 * (${place})); }`;
  return `vec4 ${name}_four(float e) {
  float t = floor(0.25 * (${place}));
  float shift = ${place} - 4.0 * t;
  vec4 a = ${name}_texel(t);
  vec4 b = ${name}_texel(t + 1.0);
  if (shift < 1.5) return shift < 0.5 ? a : vec4(a.yzw, b.x);
  return shift < 2.5 ? vec4(a.zw, b.xy) : vec4(a.w, b.xyz);
}`;
}

/** A row's blocks, the last of which may be shorter; their length is a multiple of 4. */
export function blocksOf(columns: number): { count: number; length: number } {
  const count = Math.ceil(columns / (4 * BLOCK));
  return { count, length: 4 * Math.ceil(columns / (4 * count)) };
}

/** GLSL for a walk along the block of a row that begins at column `first`: `work` on four elements from `column` on. */
export function alongBlock(columns: number, work: string): string {
  return `for (int i = 0; i < ${blocksOf(columns).length / 4}; i++) {
    float column = first + 4.0 * float(i);
    if (column >= ${columns}.0) break;
    ${work}
  }`;
}

/** GLSL in a walk: `value` where an element is in the row, and `beside` behind its end. */
export function inRow(columns: number, value: string, beside = 'vec4(0.0)'): string {
  if (columns % 4 === 0) return value;
  return `choose(within(0.25 * column, ${columns}.0), ${value}, ${beside})`;
}

/** GLSL for a kernel of summaries, a texel for each block, from `vec4 summary(float row, float first)`. */
export function summariesOfBlocks(columns: number): string {
  const { count, length } = blocksOf(columns);
  return `vec4 texel(float t) {
  vec2 place = divide(t, ${count}.0);
  return summary(place.x, place.y * ${length}.0);
}`;
}

/** A kernel that puts summaries together, up to 64 neighbours of a row with `parts` of them. */
export function merging(parts: number, merged: string): GpuSource {
  return {
    textures: ['parts'],
    numbers: [],
    code: `${merged}
vec4 texel(float t) {
  vec2 place = divide(t, ${Math.ceil(parts / BLOCK)}.0);
  float first = place.y * ${BLOCK}.0;
  float start = place.x * ${parts}.0 + first;
  vec4 all = parts_texel(start);
  for (int i = 1; i < ${BLOCK}; i++) {
    if (first + float(i) >= ${parts}.0) break;
    all = merged(all, parts_texel(start + float(i)));
  }
  return all;
}`,
  };
}

/** Summaries that are sums. */
export const mergeSums: (parts: number) => GpuKernel = kernelFamily('mergeSums', (parts: number) =>
  merging(parts, 'vec4 merged(vec4 a, vec4 b) { return a + b; }'),
);

/** The summary of each row, a texel a row, in scratch that the caller releases. */
export function summarize(
  machine: GpuMachine,
  { rows, columns }: Rows,
  ofBlocks: GpuKernel,
  merge: (parts: number) => GpuKernel,
  inputs: readonly GpuBuffer[],
  numbers: readonly number[],
): GpuBuffer {
  let parts = blocksOf(columns).count;
  let summaries = machine.scratch(4 * rows * parts);
  machine.run(ofBlocks, inputs, numbers, summaries);
  while (parts > 1) {
    const fewer = Math.ceil(parts / BLOCK);
    const merged = machine.scratch(4 * rows * fewer);
    machine.run(merge(parts), [summaries], [], merged);
    machine.release(summaries);
    [summaries, parts] = [merged, fewer];
  }
  return summaries;
}

/**
 * GLSL for `mat4 x_lanes(float t)`: what `vec4 x_row(float row)` gives for the rows that the elements 4 t … 4 t + 3 are in,
 * its first number in the first column, an element a line, and so on; the last column holds the elements' columns.
 */
export function lanes(name: string, columns: number): string {
  const lane = `vec4 ${name}_lane(float e) {
  vec2 place = divide(e, ${columns}.0);
  return vec4(${name}_row(place.x).xyz, place.y);
}`;
  if (columns % 4 === 0) {
    return `${lane}
mat4 ${name}_lanes(float t) {
  vec4 a = ${name}_lane(4.0 * t);
  return mat4(vec4(a.x), vec4(a.y), vec4(a.z), a.w + vec4(0.0, 1.0, 2.0, 3.0));
}`;
  }
  const places = ['x', 'y', 'z', 'w'].map((i) => `vec4(a.${i}, b.${i}, c.${i}, d.${i})`);
  return `${lane}
mat4 ${name}_lanes(float t) {
  float e = 4.0 * t;
  vec4 a = ${name}_lane(e);
  vec4 b = ${name}_lane(e + 1.0);
  vec4 c = ${name}_lane(e + 2.0);
  vec4 d = ${name}_lane(e + 3.0);
  return mat4(${places.join(', ')});
}`;
}

/** GLSL for `vec4 x_columns(vec4 columns)`: the elements of a single row at the columns that `lanes` names. */
export function byColumn(name: string, columns: number, aligned: boolean): string {
  if (columns % 4 === 0) {
    return `${fours(name, aligned)}\nvec4 ${name}_columns(vec4 columns) { return ${name}_four(columns.x); }`;
  }
  const places = ['x', 'y', 'z', 'w'].map((i) => `${name}_at(n_${offsetOf(name)} + columns.${i})`);
  return `vec4 ${name}_columns(vec4 columns) { return vec4(${places.join(', ')}); }`;
}

/** A kernel of sums over up to 64 rows, four columns a texel, of `vec4 term(float row, float column)`. */
export function addingRows(
  columns: number,
  textures: readonly string[],
  numbers: readonly string[],
  term: string,
): GpuSource {
  return {
    textures,
    numbers: [...numbers, 'rows'],
    code: `${term}
vec4 texel(float t) {
  vec2 place = divide(t, ${Math.ceil(columns / 4)}.0);
  vec4 sum = vec4(0.0);
  for (int i = 0; i < ${BLOCK}; i++) {
    float row = ${BLOCK}.0 * place.x + float(i);
    if (row >= n_rows) break;
    sum += term(row, 4.0 * place.y);
  }
  return sum;
}`,
  };
}

const addSums = kernelFamily('addSums', (columns: number) => {
  const row = `row * ${Math.ceil(columns / 4)}.0`;
  return addingRows(
    columns,
    ['sums'],
    [],
    `vec4 term(float row, float column) { return sums_texel(${row} + 0.25 * column); }`,
  );
});

/** Sums over all rows, of which there is at least one: a kernel of `addingRows`, and its sums again until one is left. */
export function addRows(
  machine: GpuMachine,
  { rows, columns }: Pick<Rows, 'rows' | 'columns'>,
  kernel: GpuKernel,
  inputs: readonly GpuBuffer[],
  numbers: readonly number[],
  out: GpuBuffer,
): void {
  if (rows <= BLOCK) {
    machine.run(kernel, inputs, [...numbers, rows], out);
    return;
  }
  const fewer = Math.ceil(rows / BLOCK);
  const sums = machine.scratch(fewer * 4 * Math.ceil(columns / 4));
  machine.run(kernel, inputs, [...numbers, rows], sums);
  addRows(machine, { rows: fewer, columns }, addSums(columns), [sums], [], out);
  machine.release(sums);
}
