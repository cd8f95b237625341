/**
 * Reductions as GLSL, any strides. Long ones go in passes: each folds chunks of at most 128 steps, and what comes of the
 * chunks is reduced again, so that errors do not grow with the length. A chunk of c steps is rounded at most c + 1 times:
 * a sum in p passes is within 129 p · 2⁻²⁴ · Σ |x|, and as chunks are as short as p passes allow, one of 2²⁰ numbers
 * within 312 · 2⁻²⁴ · Σ |x|. A product of n numbers is within n · 2⁻²⁴ of its size unless it leaves the range of float32
 * on the way; extremes are exact.
 *
 * Which numbers a fetch takes four at a time follows from where neighbours lie: in results side by side (`across`), in
 * one result (`along`), or neither (`lanes`, one by one). Extents and strides are numbers, so that one kernel serves all
 * shapes of as many axes.
 */
import { Axes } from '../axes.ts';
import type { Kernels, Reduction, View } from '../contract.ts';
import {
  type GpuBuffer,
  type GpuMachine,
  kernelFamily,
  MOST_ELEMENTS,
  texelFromElements,
} from '../glsl/kernel.ts';
import { placeByNumbers } from '../glsl/views.ts';
import { sizeOf } from '../strides.ts';

/** Most steps of a pass. */
const MOST_STEPS = 128;

const fold: Record<Reduction, { start: number; step: (a: string, b: string) => string }> = {
  sum: { start: 0, step: (a, b) => `(${a} + ${b})` },
  prod: { start: 1, step: (a, b) => `(${a} * ${b})` },
  max: { start: Number.NEGATIVE_INFINITY, step: (a, b) => `larger(${a}, ${b})` },
  min: { start: Number.POSITIVE_INFINITY, step: (a, b) => `smaller(${a}, ${b})` },
};

type Form = 'across' | 'along' | 'lanes';

/** @param otherwise for sums of whole numbers, which floats may not hold, and for what is empty or too large to count */
export function gpuReduce(
  machine: GpuMachine,
  otherwise: Kernels<GpuBuffer>,
): Pick<Kernels<GpuBuffer>, 'reduce'> {
  const pass = (kind: Reduction, x: View<GpuBuffer>, axes: readonly number[], out: GpuBuffer): void => {
    const [kept, reduced] = [new Axes(), new Axes()];
    for (const [axis, extent] of x.shape.entries()) {
      (axes.includes(axis) ? reduced : kept).add(extent, x.strides[axis]);
    }
    reduced.arrange();
    const form = formOf(kept, reduced, x.offset);
    const unit = form === 'lanes' ? 1 : 4;
    const width = form === 'across' ? kept.size / 4 : kept.size;
    const steps = form === 'along' ? Math.ceil(reduced.size / 4) : reduced.size;
    const length = chunkOf(steps);
    const chunks = Math.ceil(steps / length);
    const target = chunks === 1 ? out : machine.scratch(chunks * kept.size);
    const numbers = [
      ...[x.offset / unit, fold[kind].start, width, length, steps, reduced.size],
      ...inUnits(kept, form === 'across', unit),
      ...inUnits(reduced, form === 'along', unit),
    ];
    machine.run(reduceKernel(kind, form, kept.length, reduced.length), [x.buffer], numbers, target);
    if (chunks === 1) return;
    const ofChunks = { shape: [chunks, kept.size], strides: [kept.size, 1], offset: 0 };
    pass(kind, { buffer: target, dtype: target.dtype, ...ofChunks }, [0], out);
    machine.release(target);
  };
  return {
    reduce: (kind, x, axes, out) => {
      const size = sizeOf(x.shape);
      const isFolded = out.dtype === 'float32' || kind === 'max' || kind === 'min';
      if (isFolded && machine.isExact(x.buffer) && size > 0 && size <= MOST_ELEMENTS) {
        pass(kind, x, axes, out.buffer);
      } else otherwise.reduce(kind, x, axes, out);
    },
  };
}

function formOf(kept: Axes, reduced: Axes, offset: number): Form {
  if (areWholeTexels(kept, reduced, offset) && lastOf(kept.extents) % 4 === 0) return 'across';
  // One that is alone may end within a texel.
  const ends = reduced.length === 1 || lastOf(reduced.extents) % 4 === 0;
  return ends && areWholeTexels(reduced, kept, offset) ? 'along' : 'lanes';
}

/** Whether the last of `axes` walks through texels from their beginnings. */
function areWholeTexels(axes: Axes, others: Axes, offset: number): boolean {
  const jumps = [offset, ...axes.strides.slice(0, -1), ...others.strides];
  return lastOf(axes.strides) === 1 && jumps.every((jump) => jump % 4 === 0);
}

function lastOf(list: readonly number[]): number {
  return list[list.length - 1];
}

/** Steps of a chunk: as few as make do with as few passes. */
function chunkOf(steps: number): number {
  let passes = 1;
  while (steps > MOST_STEPS ** passes) passes++;
  return Math.min(MOST_STEPS, Math.ceil(steps ** (1 / passes)));
}

/** Extents and strides, counted in texels where `unit` is 4; the last axis goes along texels or from one to another. */
function inUnits({ extents, strides }: Axes, isAlongTexels: boolean, unit: number): number[] {
  const last = isAlongTexels ? extents.length - 1 : extents.length;
  return extents.flatMap((extent, i) => (i === last ? [extent / 4, 1] : [extent, strides[i] / unit]));
}

const reduceKernel = kernelFamily('reduce', (kind: Reduction, form: Form, kept: number, reduced: number) => {
  const { step } = fold[kind];
  const [keptPlace, reducedPlace] = [placeByNumbers('kept', kept), placeByNumbers('reduced', reduced)];
  const place = 'start + reduced_place(i)';
  const [type, read] = {
    across: ['vec4', `x_texel(${place})`],
    along: ['vec4', `choose(within(i, n_elements), x_texel(${place}), vec4(n_start))`],
    lanes: ['float', `x_at(${place})`],
  }[form];
  return {
    textures: ['x'],
    numbers: [
      ...['offset', 'start', 'width', 'length', 'steps', 'elements'],
      ...keptPlace.numbers,
      ...reducedPlace.numbers,
    ],
    code: `
${keptPlace.code}
${reducedPlace.code}
// Results stand chunk by chunk.
${type} folded(float result) {
  vec2 q = divide(result, n_width);
  float first = q.x * n_length;
  float start = n_offset + kept_place(q.y);
  ${type} total = ${type}(n_start);
  for (int k = 0; k < ${MOST_STEPS}; k++) {
    float i = first + float(k);
    if (float(k) >= n_length || i >= n_steps) break;
    total = ${step('total', read)};
  }
  return total;
}
float single(float result) {
  ${type} v = folded(result);
  return ${type === 'float' ? 'v' : step(step('v.x', 'v.y'), step('v.z', 'v.w'))};
}
${form === 'across' ? 'vec4 texel(float t) { return folded(t); }' : texelFromElements('single')}`,
  };
});
