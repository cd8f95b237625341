/**
 * Order along the last axis as GLSL. Sorting counts: an element's rank is how many come before it, and the element at a
 * place is the one whose rank the place is. That is n² comparisons for a row of n, all of them at once.
 */
import type { Kernels } from '../contract.ts';
import { type GpuBuffer, type GpuMachine, kernelFamily, texelFromElements } from '../glsl/kernel.ts';
import { sizeOf } from '../strides.ts';

/** Longer rows are sorted on the host: the work grows with their square. */
const LONGEST_SORTED = 2048;
/** Longer rows are looked through in chunks, and then what was found in these. */
const LONGEST_SEARCHED = 4096;

/** @param otherwise for int32 that floats cannot hold, and for sorting long rows */
export function gpuOrder(
  machine: GpuMachine,
  otherwise: Kernels<GpuBuffer>,
): Pick<Kernels<GpuBuffer>, 'argReduce' | 'sort'> {
  return {
    argReduce: (kind, x, out) => {
      if (!machine.isExact(x.buffer)) return otherwise.argReduce(kind, x, out);
      const columns = x.shape[x.shape.length - 1];
      const whole = areWholeTexels(x.offset, columns);
      if (columns <= LONGEST_SEARCHED) {
        machine.run(extremeKernel(kind, whole), [x.buffer], [x.offset, columns, 1, columns], out.buffer);
        return;
      }
      const length = 4 * Math.ceil(Math.sqrt(columns) / 4);
      const chunks = Math.ceil(columns / length);
      const found = machine.scratch(chunks * sizeOf(out.shape));
      machine.run(extremeKernel(kind, whole), [x.buffer], [x.offset, columns, chunks, length], found);
      machine.run(extremeOfFoundKernel(kind), [x.buffer, found], [x.offset, columns, chunks], out.buffer);
      machine.release(found);
    },
    sort: (x, descending, values, indices) => {
      const columns = x.shape[x.shape.length - 1];
      if (columns > LONGEST_SORTED || !machine.isExact(x.buffer)) {
        otherwise.sort(x, descending, values, indices);
        return;
      }
      const ranks = machine.scratch(sizeOf(x.shape));
      const ranksKernel = rankKernel(descending, areWholeTexels(x.offset, columns));
      machine.run(ranksKernel, [x.buffer], [x.offset, columns], ranks);
      machine.run(placeKernel(columns % 4 === 0), [ranks], [columns], indices.buffer);
      machine.run(takeKernel(), [x.buffer, indices.buffer], [x.offset, columns], values.buffer);
      machine.release(ranks);
    },
  };
}

function areWholeTexels(offset: number, columns: number): boolean {
  return offset % 4 === 0 && columns % 4 === 0;
}

/** GLSL that looks at the elements from `first` to before `end` of the row that begins at `start`, in order. */
function forEach(whole: boolean, look: (value: string, place: string) => string): string {
  const lanes = ['x', 'y', 'z', 'w'].map((lane, l) => look(`v.${lane}`, `i + ${l}.0`)).join('\n    ');
  return `for (int k = 0; k < ${LONGEST_SEARCHED}; k++) {
    float i = first + float(k) * ${whole ? '4.0' : '1.0'};
    if (i >= end) break;
    ${whole ? `vec4 v = x_texel((start + i) * 0.25);\n    ${lanes}` : `float v = x_at(start + i);\n    ${look('v', 'i')}`}
  }`;
}

const comparison = `
// NaN is largest, and no larger than another.
bool isLess(float a, float b) { return a < b || (isNumber(a) && !isNumber(b)); }
`;

/** GLSL: `value`, which stands at `place`, takes over where it beats the best so far. NaN wins, and nothing beats it. */
function challenge(kind: 'max' | 'min', value: string, place: string): string {
  const beats = `${value} ${kind === 'max' ? '>' : '<'} best`;
  return `if (isNumber(best) && (${beats} || !isNumber(${value}))) { best = ${value}; at = ${place}; }`;
}

const extremeKernel = kernelFamily('extreme', (kind: 'max' | 'min', whole: boolean) => ({
  textures: ['x'],
  numbers: ['offset', 'columns', 'chunks', 'length'],
  code: `${comparison}
float extreme(float e) {
  vec2 q = divide(e, n_chunks);
  float start = n_offset + q.x * n_columns;
  float first = q.y * n_length;
  float end = min(first + n_length, n_columns);
  float at = first;
  float best = x_at(start + at);
  ${forEach(whole, (value, place) => challenge(kind, value, place))}
  return at;
}
${texelFromElements('extreme')}`,
}));

const extremeOfFoundKernel = kernelFamily('extreme of found', (kind: 'max' | 'min') => ({
  textures: ['x', 'found'],
  numbers: ['offset', 'columns', 'chunks'],
  code: `${comparison}
float extreme(float e) {
  float start = n_offset + e * n_columns;
  float at = found_at(e * n_chunks);
  float best = x_at(start + at);
  for (int k = 1; k < ${LONGEST_SEARCHED}; k++) {
    if (float(k) >= n_chunks) break;
    float place = found_at(e * n_chunks + float(k));
    float value = x_at(start + place);
    ${challenge(kind, 'value', 'place')}
  }
  return at;
}
${texelFromElements('extreme')}`,
}));

const rankKernel = kernelFamily('rank', (descending: boolean, whole: boolean) => ({
  textures: ['x'],
  numbers: ['offset', 'columns'],
  code: `${comparison}
bool precedes(float a, float b) { return ${descending ? 'isLess(b, a)' : 'isLess(a, b)'}; }
// Of equals, which do not precede each other, the earlier comes first.
bool isBefore(float other, float otherPlace, float own, float place) {
  return otherPlace < place ? !precedes(own, other) : precedes(other, own);
}
float rank(float e) {
  vec2 q = divide(e, n_columns);
  float start = n_offset + q.x * n_columns;
  float own = x_at(start + q.y);
  float first = 0.0;
  float end = n_columns;
  float count = 0.0;
  ${forEach(whole, (value, place) => `if (isBefore(${value}, ${place}, own, q.y)) count += 1.0;`)}
  return count;
}
${texelFromElements('rank')}`,
}));

const placeKernel = kernelFamily('place of rank', (whole: boolean) => ({
  textures: ['x'],
  numbers: ['columns'],
  code: `
float placeOfRank(float e) {
  vec2 q = divide(e, n_columns);
  float start = q.x * n_columns;
  float first = 0.0;
  float end = n_columns;
  float at = 0.0;
  ${forEach(whole, (value, place) => `if (${value} == q.y) at = ${place};`)}
  return at;
}
${texelFromElements('placeOfRank')}`,
}));

const takeKernel = kernelFamily('take in order', () => ({
  textures: ['x', 'indices'],
  numbers: ['offset', 'columns'],
  code: `
float taken(float e) { return x_at(n_offset + divide(e, n_columns).x * n_columns + indices_at(e)); }
${texelFromElements('taken')}`,
}));
