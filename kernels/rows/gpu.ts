/**
 * Moving rows about in GLSL. What moves is a unit: a texel where rows begin and end with texels, otherwise one element. Both
 * are counted alike, so one text serves both, and sizes are numbers, so that no other count or width asks for a new kernel.
 *
 * A kernel fetches what belongs to a place and can send nothing away. Where sources name their destination, a list says
 * which sources each destination has; it is made on the host, which is where indices come from.
 *
 * Sums add up at most 256 numbers after another, and then these partial sums: the sum of n numbers is off by at most
 * (255 + ⌈n / 256⌉) 2⁻²³ times the sum of their sizes.
 */
import type { Kernels, View } from '../contract.ts';
import {
  type GpuBuffer,
  type GpuKernel,
  type GpuMachine,
  type GpuSource,
  kernelFamily,
  texelFromElements,
} from '../glsl/kernel.ts';
import { layoutsOf } from '../glsl/views.ts';
import { sizeOf } from '../strides.ts';

type RowKernels = Pick<
  Kernels<GpuBuffer>,
  'gatherRows' | 'scatterRows' | 'scatterAddRows' | 'gather' | 'scatterAdd' | 'copyInto'
>;

/** Bounds errors, and loops: see MOST_ROUNDS. */
const MOST_SUMMANDS = 256;

/** @param otherwise for int32, which stays on the host where lists are made of it, and for sums of what is not float32 */
export function gpuRows(machine: GpuMachine, otherwise: RowKernels): RowKernels {
  const indicesOf = (index: View<GpuBuffer>): ArrayLike<number> =>
    machine.host(index.buffer).subarray(index.offset, index.offset + sizeOf(index.shape));
  const withList = (list: Float32Array, use: (list: GpuBuffer) => void): void => {
    const uploaded = machine.scratch(list.length);
    machine.write(uploaded, list);
    use(uploaded);
    machine.release(uploaded);
  };
  /** Where a place has several groups, their sums are the rows that are added up next. */
  const sumRows = (
    indices: ArrayLike<number>,
    rows: Pick<View<GpuBuffer>, 'buffer' | 'offset'>,
    out: Pick<View<GpuBuffer>, 'buffer' | 'shape'>,
  ): void => {
    const [places, width] = out.shape;
    const { groupOf, placeOf, haveOneEach } = inGroups(indices, places);
    if (haveOneEach) {
      const unit = unitOf(width, rows.offset);
      const numbers = [width / unit, rows.offset / unit];
      withList(allSources(indices, places), (sources) => {
        machine.run(sumSources(unit), [rows.buffer, sources], numbers, out.buffer);
      });
      return;
    }
    const sums = machine.scratch(placeOf.length * width);
    sumRows(groupOf, rows, { buffer: sums, shape: [placeOf.length, width] });
    sumRows(placeOf, { buffer: sums, offset: 0 }, out);
    machine.release(sums);
  };
  return {
    gatherRows: (x, index, out) => {
      if (x.dtype === 'int32') return otherwise.gatherRows(x, index, out);
      const width = out.shape[1];
      const unit = unitOf(width, x.offset);
      const numbers = [width / unit, x.offset / unit, index.offset];
      machine.run(gatherRows(unit), [x.buffer, index.buffer], numbers, out.buffer);
    },

    scatterRows: (base, index, rows, out) => {
      if (base.dtype === 'int32') return otherwise.scatterRows(base, index, rows, out);
      const [places, width] = out.shape;
      const unit = unitOf(width, base.offset, rows.offset);
      const numbers = [width / unit, base.offset / unit, rows.offset / unit];
      withList(lastSources(indicesOf(index), places), (sources) => {
        machine.run(scatterRows(unit), [base.buffer, rows.buffer, sources], numbers, out.buffer);
      });
    },

    scatterAddRows: (index, rows, out) => {
      if (rows.dtype !== 'float32') return otherwise.scatterAddRows(index, rows, out);
      sumRows(indicesOf(index), rows, out);
    },

    gather: (x, index, out) => {
      if (x.dtype === 'int32') return otherwise.gather(x, index, out);
      const numbers = [index.shape[1], x.shape[1], x.offset, index.offset];
      machine.run(gather, [x.buffer, index.buffer], numbers, out.buffer);
    },

    scatterAdd: (x, index, source, out) => {
      if (x.dtype !== 'float32') return otherwise.scatterAdd(x, index, source, out);
      const [count, width] = [index.shape[1], x.shape[1]];
      const unit = unitOf(width, x.offset);
      let total = x;
      for (let first = 0; first === 0 || first < count; first += MOST_SUMMANDS) {
        const inputs = [total.buffer, index.buffer, source.buffer];
        const numbers = [count, first, width / unit, total.offset / unit, index.offset, source.offset];
        machine.run(scatterAdd(unit), inputs, numbers, out.buffer);
        total = out;
      }
    },

    copyInto: (source, target) => {
      if (sizeOf(target.shape) === 0) return;
      const axes = axesInMemory(source, target);
      if (target.dtype === 'int32' || !areNested(axes)) return otherwise.copyInto(source, target);
      const inner = axes[axes.length - 1];
      const outer = axes.slice(0, -1);
      const isDense = inner.stride === 1 && inner.step === 1;
      const places = [inner.extent, source.offset, target.offset, ...outer.map(({ stride }) => stride)];
      const unit = isDense ? unitOf(...places) : 1;
      const numbers = [target.offset / unit, source.offset / unit];
      for (const { extent, stride, step } of outer) numbers.push(extent, stride / unit, step / unit);
      numbers.push(inner.extent / unit, inner.stride, inner.step);
      machine.run(copyInto(unit, axes.length), [target.buffer, source.buffer], numbers, target.buffer);
    },
  };
}

/** How many elements move at once: 4 where all these places are beginnings of texels, otherwise 1. */
type Unit = 1 | 4;

function unitOf(...places: readonly number[]): Unit {
  return places.every((place) => place % 4 === 0) ? 4 : 1;
}

/** The last source that each of so many places has; −1 where there is none. */
function lastSources(indices: ArrayLike<number>, places: number): Float32Array {
  const list = new Float32Array(places).fill(-1);
  for (let i = 0; i < indices.length; i++) if (indices[i] >= 0) list[indices[i]] = i;
  return list;
}

/**
 * All sources of each of so many places, one place after another. In front of them stands where in this list those of each
 * place begin, and where the last ones end.
 */
function allSources(indices: ArrayLike<number>, places: number): Float32Array {
  const list = new Float32Array(places + 1 + indices.length);
  list[0] = places + 1;
  for (let i = 0; i < indices.length; i++) if (indices[i] >= 0) list[indices[i] + 1]++;
  for (let place = 0; place < places; place++) list[place + 1] += list[place];
  const next = list.slice(0, places);
  for (let i = 0; i < indices.length; i++) if (indices[i] >= 0) list[next[indices[i]]++] = i;
  return list;
}

/** Splits the sources of each place into groups that one loop adds up. */
function inGroups(
  indices: ArrayLike<number>,
  places: number,
): { groupOf: Float32Array; placeOf: number[]; haveOneEach: boolean } {
  const groupOf = new Float32Array(indices.length).fill(-1);
  const placeOf: number[] = [];
  const [group, size] = [new Float32Array(places), new Float32Array(places)];
  for (let i = 0; i < indices.length; i++) {
    const place = indices[i];
    if (place < 0) continue;
    if (size[place] % MOST_SUMMANDS === 0) group[place] = placeOf.push(place) - 1;
    size[place]++;
    groupOf[i] = group[place];
  }
  return { groupOf, placeOf, haveOneEach: size.every((count) => count <= MOST_SUMMANDS) };
}

/** An axis of what is copied. */
interface Axis {
  readonly extent: number;
  /** From one element to the next in the target. */
  readonly stride: number;
  /** The same in the source. */
  readonly step: number;
}

/** The axes of a copy, from the outermost in the target's memory to the innermost; at least one. */
function axesInMemory(source: View<GpuBuffer>, target: View<GpuBuffer>): Axis[] {
  const [to, from] = layoutsOf(target.shape, [target, source]);
  if (to.strides.length === 0) return [{ extent: 1, stride: 1, step: 1 }];
  const extents = [sizeOf(target.shape) / sizeOf(to.inner), ...to.inner];
  const axes = extents.map((extent, i) => ({ extent, stride: to.strides[i], step: from.strides[i] }));
  return axes.sort((a, b) => b.stride - a.stride);
}

/** Whether a step along an axis leads past all that stands further in, as in every part of a contiguous tensor. */
function areNested(axes: readonly Axis[]): boolean {
  let reach = 0;
  return axes.toReversed().every(({ extent, stride }) => {
    const leadsPast = stride > reach;
    reach += (extent - 1) * stride;
    return leadsPast;
  });
}

/**
 * Kernels that compute unit by unit: `type unitAt(float place)`, type vec4 or float, which reads a texture x by `x_read`.
 * Places behind the end of the result may come up; what is computed there does not matter.
 */
function unitFamily<P extends readonly unknown[]>(
  name: string,
  source: (type: string, read: string, ...parameters: P) => GpuSource,
): (...parameters: [unit: Unit, ...P]) => GpuKernel {
  return kernelFamily(name, (...[unit, ...parameters]: [unit: Unit, ...P]) => {
    if (unit === 4) {
      const { code, ...rest } = source('vec4', 'texel', ...parameters);
      return { ...rest, code: `${code}\nvec4 texel(float t) { return unitAt(t); }` };
    }
    const { code, ...rest } = source('float', 'at', ...parameters);
    return { ...rest, code: `${code}\n${texelFromElements('unitAt')}` };
  });
}

const gatherRows = unitFamily('gatherRows', (type, read) => ({
  textures: ['x', 'indices'],
  numbers: ['width', 'xOffset', 'indicesOffset'],
  code: `
${type} unitAt(float place) {
  vec2 at = divide(place, n_width);
  float row = indices_at(n_indicesOffset + at.x);
  return row < 0.0 ? ${type}(0.0) : x_${read}(n_xOffset + row * n_width + at.y);
}`,
}));

const scatterRows = unitFamily('scatterRows', (type, read) => ({
  textures: ['base', 'rows', 'sources'],
  numbers: ['width', 'baseOffset', 'rowsOffset'],
  code: `
${type} unitAt(float place) {
  vec2 at = divide(place, n_width);
  float source = sources_at(at.x);
  return source < 0.0 ? base_${read}(n_baseOffset + place) : rows_${read}(n_rowsOffset + source * n_width + at.y);
}`,
}));

const sumSources = unitFamily('sumSources', (type, read) => ({
  textures: ['rows', 'sources'],
  numbers: ['width', 'rowsOffset'],
  code: `
${type} unitAt(float place) {
  vec2 at = divide(place, n_width);
  float first = sources_at(at.x);
  float end = sources_at(at.x + 1.0);
  ${sumOfTerms(type, `rows_${read}(n_rowsOffset + sources_at(k) * n_width + at.y)`)}
  return total;
}`,
}));

const gather = unitFamily('gather', () => ({
  textures: ['x', 'indices'],
  numbers: ['count', 'width', 'xOffset', 'indicesOffset'],
  code: `
float unitAt(float place) {
  float column = indices_at(n_indicesOffset + place);
  return x_at(n_xOffset + divide(place, n_count).x * n_width + column);
}`,
}))(1);

const scatterAdd = unitFamily('scatterAdd', (type, read) => {
  const lanes = type === 'vec4' ? [0, 1, 2, 3] : [0];
  return {
    textures: ['x', 'indices', 'source'],
    numbers: ['count', 'begin', 'width', 'xOffset', 'indicesOffset', 'sourceOffset'],
    code: `
${type} onto(float lane, float value) {
  return ${type}(${lanes.map((lane) => `lane == ${lane}.0 ? value : 0.0`).join(', ')});
}
${type} unitAt(float place) {
  vec2 at = divide(place, n_width);
  float column = at.y * ${lanes.length}.0;
  float first = at.x * n_count + n_begin;
  float end = (at.x + 1.0) * n_count;
  ${sumOfTerms(type, 'onto(indices_at(n_indicesOffset + k) - column, source_at(n_sourceOffset + k))')}
  return x_${read}(n_xOffset + place) + total;
}`,
  };
});

/** GLSL that declares `total`: the sum of `term`, an expression of that type, over k from `first` to before `end`. */
function sumOfTerms(type: string, term: string): string {
  return `${type} total = ${type}(0.0);
  for (int i = 0; i < ${MOST_SUMMANDS}; i++) {
    float k = first + float(i);
    if (k >= end) break;
    total += ${term};
  }`;
}

/** Takes the axes apart from the outermost in the target's memory to the innermost; all numbers count units. */
const copyInto = unitFamily('copyInto', (type, read, rank: number) => {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return {
    textures: ['old', 'source'],
    numbers: [
      'oldOffset',
      'sourceOffset',
      ...axes.flatMap((axis) => [`extent${axis}`, `stride${axis}`, `step${axis}`]),
    ],
    code: `
${type} unitAt(float place) {
  ${type} kept = old_${read}(place);
  vec2 at = vec2(0.0, place - n_oldOffset);
  if (at.y < 0.0) return kept;
  float from = n_sourceOffset;
  ${axes
    .map(
      (axis) => `at = divide(at.y, n_stride${axis});
  if (at.x >= n_extent${axis}) return kept;
  from += at.x * n_step${axis};`,
    )
    .join('\n  ')}
  return at.y > 0.0 ? kept : source_${read}(from);
}`,
  };
});
