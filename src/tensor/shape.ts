/** Shapes: sizes, axes, broadcasting. All lists read outermost axis first. */
import {
  broadcastStrides,
  contiguousStrides,
  isContiguous,
  sameShape,
  sizeOf,
} from '../../kernels/strides.ts';
import { OpError, shapeText } from './errors.ts';

export type Shape = readonly number[];

export { broadcastStrides, contiguousStrides, isContiguous, sameShape, sizeOf };

/** Whether all sizes are whole numbers from 0 up. */
export function isExtents(shape: Shape): boolean {
  for (const extent of shape) if (!Number.isInteger(extent) || extent < 0) return false;
  return true;
}

/** The index along each axis of an element, from its place in reading order. */
export function indexAt(place: number, shape: Shape): number[] {
  const index: number[] = [];
  let rest = place;
  for (const extent of shape.toReversed()) {
    index.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return index;
}

/**
 * Turns an axis counted from either end into one counted from the front.
 *
 * @param of the shape whose axis it is, or the rank of a result that has no shape yet
 */
export function normalizeAxis(op: string, axis: number, of: Shape | number): number {
  const rank = typeof of === 'number' ? of : of.length;
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    const home = typeof of === 'number' ? `a result of rank ${rank}` : shapeText(of);
    const range =
      rank === 0 ? 'a scalar, which has none' : `${home}, whose axes go from ${-rank} to ${rank - 1}`;
    throw new OpError(op, `axis ${axis} does not exist in ${range}`);
  }
  return positive;
}

/** One axis, several, or undefined for all: ascending, without repeats, counted from the front. */
export function normalizeAxes(op: string, axes: number | readonly number[] | undefined, of: Shape): number[] {
  if (axes === undefined) return of.map((_, axis) => axis);
  if (typeof axes === 'number') return [normalizeAxis(op, axes, of)];
  const positive = axes.map((axis) => normalizeAxis(op, axis, of));
  if (hasRepeats(positive)) {
    throw new OpError(op, `axes [${axes.join(', ')}] name the same axis of ${shapeText(of)} twice`);
  }
  return positive.sort((a, b) => a - b);
}

/** Whether a short list has something twice. */
export function hasRepeats(list: readonly number[]): boolean {
  for (let i = 1; i < list.length; i++) if (list.indexOf(list[i]) < i) return true;
  return false;
}

/**
 * The common shape of NumPy broadcasting: shapes are aligned at their last axes; an axis of size 1, or one that is not
 * there, stretches.
 *
 * @param context says in the message what the shapes belong to
 * @throws OpError naming both shapes, the axis, and what would help.
 */
export function broadcastShapes(op: string, shapes: readonly Shape[], context?: () => string): Shape {
  let rank = 0;
  let equal = true;
  for (const shape of shapes) {
    rank = Math.max(rank, shape.length);
    equal &&= sameShape(shape, shapes[0]);
  }
  if (equal) return shapes[0] ?? [];
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const lead = rank - shape.length;
    for (let axis = 0; axis < shape.length; axis++) {
      const extent = shape[axis];
      const common = result[lead + axis];
      if (extent === common || extent === 1) continue;
      if (common !== 1) {
        throw new OpError(
          op,
          `shapes ${listText(shapes)}${context?.() ?? ''} do not broadcast: axis ${lead + axis - rank} is ` +
            `${common} in one and ${extent} in another (sizes must be equal, or one of them 1)`,
          broadcastRemedy(shapes),
        );
      }
      result[lead + axis] = extent;
    }
  }
  return result;
}

/** (2, 3), (2, 3) and (7) */
function listText(shapes: readonly Shape[]): string {
  const texts = shapes.map(shapeText);
  return `${texts.slice(0, -1).join(', ')} and ${texts[texts.length - 1]}`;
}

/** A (n) beside a (n, m) is most often meant to vary along the first axis. */
function broadcastRemedy(shapes: readonly Shape[]): string {
  const [a, b] = shapes;
  if (shapes.length === 2 && a.length === 1 && b.length > 1 && b[b.length - 2] === a[0])
    return 'a.unsqueeze(-1)';
  if (shapes.length === 2 && b.length === 1 && a.length > 1 && a[a.length - 2] === b[0])
    return 'b.unsqueeze(-1)';
  return '';
}

/**
 * Strides that show a strided view in another shape of the same size; null where only a copy can. Axes that lie evenly
 * behind one another in memory count as one, which may be cut anew.
 */
export function reshapedStrides(shape: Shape, strides: readonly number[], target: Shape): number[] | null {
  const result = contiguousStrides(target);
  if (isContiguous(shape, strides) || sizeOf(shape) === 0) return result;
  const axes = shape.flatMap((extent, axis) => (extent === 1 ? [] : [axis]));
  let to = target.length - 1;
  while (axes.length > 0) {
    let axis = axes.pop() as number;
    let stride = strides[axis];
    let run = shape[axis];
    while (axes.length > 0 && strides[axes[axes.length - 1]] === strides[axis] * shape[axis]) {
      axis = axes.pop() as number;
      run *= shape[axis];
    }
    for (; run > 1; to--) {
      if (run % target[to] !== 0) return null;
      result[to] = stride;
      stride *= target[to];
      run /= target[to];
    }
  }
  return result;
}
