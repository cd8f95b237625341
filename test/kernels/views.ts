/** Views for kernels to read: axes in any order in memory, with gaps, stretched axes and an offset. */
import fc from 'fast-check';
import type { TypedArray } from '../../kernels/contract.ts';
import { contiguousStrides, type HostView, sizeOf } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';

export type FloatType = 'float32' | 'float64';

/** How the axes of a shape lie in memory. */
export interface Layout {
  readonly order: readonly number[];
  readonly gaps: readonly number[];
  readonly stretched: readonly boolean[];
  readonly offset: number;
  readonly seed: number;
}

/** Layouts for shapes of up to five axes. */
export const layouts: fc.Arbitrary<Layout> = fc.record({
  order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 }),
  gaps: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
  stretched: fc.array(
    fc.integer({ min: 0, max: 3 }).map((k) => k === 3),
    { minLength: 5, maxLength: 5 },
  ),
  offset: fc.integer({ min: 0, max: 3 }),
  seed: fc.nat(),
});

/** A view of this shape over random numbers; what it does not show is NaN. */
export function viewOf(shape: readonly number[], layout: Layout, dtype: FloatType): HostView {
  const strides = shape.map(() => 0);
  let extent = 1;
  for (const axis of layout.order) {
    if (axis >= shape.length || layout.stretched[axis]) continue;
    strides[axis] = extent * layout.gaps[axis];
    extent = strides[axis] * Math.max(shape[axis], 1);
  }
  const length = layout.offset + extent;
  const buffer = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  buffer.fill(Number.NaN);
  const random = new Random(layout.seed);
  const view = { buffer, dtype, shape, strides, offset: layout.offset };
  for (const index of indices(shape)) buffer[place(view, index)] = random.normal();
  return view;
}

/** A contiguous view at an offset, its elements drawn in reading order; what it does not show is NaN. */
export function packedView(
  shape: readonly number[],
  offset: number,
  draw: (position: number) => number,
): HostView {
  const size = sizeOf(shape);
  const buffer = new Float32Array(offset + size + 3).fill(Number.NaN);
  for (let position = 0; position < size; position++) buffer[offset + position] = draw(position);
  return { buffer, dtype: 'float32', shape, strides: contiguousStrides(shape), offset };
}

/** A contiguous result to be written; every element holds a number that no kernel leaves there. */
export function resultOf(shape: readonly number[], dtype: FloatType | 'int32' | 'bool'): HostView {
  const size = sizeOf(shape);
  const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array };
  const buffer: TypedArray = new arrays[dtype](size).fill(77);
  return { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
}

/** Where an element stands in the buffer. */
export function place(view: HostView, index: readonly number[]): number {
  return index.reduce((at, i, axis) => at + i * view.strides[axis], view.offset);
}

export function elementAt(view: HostView, index: readonly number[]): number {
  return view.buffer[place(view, index)];
}

/** All indices of a shape in reading order. */
export function* indices(shape: readonly number[]): Generator<number[]> {
  const size = sizeOf(shape);
  for (let position = 0; position < size; position++) {
    const index: number[] = [];
    let rest = position;
    for (const extent of shape.toReversed()) {
      index.unshift(rest % extent);
      rest = Math.floor(rest / extent);
    }
    yield index;
  }
}
