/** Walking over strided views: shapes and strides count elements, the last axis varies fastest. */
import type { TypedArray, View } from './contract.ts';

/** A view over a plain typed array: what the reference kernels work on. */
export type HostView = View<TypedArray>;

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** Strides of a contiguous array of this shape. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Strides that show a view of `shape` as the larger `target`: 0 along every stretched axis. */
export function broadcastStrides(
  shape: readonly number[],
  strides: readonly number[],
  target: readonly number[],
): readonly number[] {
  if (sameShape(shape, target)) return strides;
  const lead = target.length - shape.length;
  return target.map((extent, axis) => {
    const own = axis - lead;
    return own < 0 || (shape[own] === 1 && extent !== 1) ? 0 : strides[own];
  });
}

export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/**
 * Calls `row(position, offset)` for every row along the last axis: `position` counts elements in reading order,
 * `offset` is where the row starts in the buffer. A view of rank 0 is one row.
 */
export function forEachRow(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  row: (position: number, offset: number) => void,
): void {
  const outer = shape.length - 1;
  const length = outer < 0 ? 1 : shape[outer];
  const rows = outer < 0 ? 1 : sizeOf(shape) / Math.max(length, 1);
  if (length === 0) return;
  const index = new Array<number>(Math.max(outer, 0)).fill(0);
  let at = offset;
  for (let r = 0; r < rows; r++) {
    row(r * length, at);
    for (let axis = outer - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

/** The offset of element `position` (in reading order) of a strided view. */
export function offsetAt(view: View<unknown>, position: number): number {
  let rest = position;
  let at = view.offset;
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    const extent = view.shape[axis];
    at += (rest % extent) * view.strides[axis];
    rest = Math.floor(rest / extent);
  }
  return at;
}
