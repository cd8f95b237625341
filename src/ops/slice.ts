import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { defineOp, type Op } from './define.ts';

export const slice: Op<[x: Tensor, axis: number, start: number, end?: number, step?: number]> = defineOp({
  name: 'slice',
  takes: 'x: Tensor, axis: number, start: number, end?: number, step?: number',
  doc: 'Elements start, start + step, … before end along one axis; negative positions count from the end. A view.',
  parse: (x: Tensor, axis: number, start: number, end?: number, step = 1) => {
    const along = normalizeAxis('slice', axis, x.shape);
    const extent = x.shape[along];
    if (!Number.isInteger(step) || step < 1) {
      throw new OpError('slice', `step ${step} must be a whole number from 1 up; use flip to read backwards`);
    }
    const from = clampPosition(start, extent);
    const to = Math.max(from, clampPosition(end ?? extent, extent));
    if (!Number.isInteger(from) || !Number.isInteger(to)) {
      throw new OpError(
        'slice',
        `positions ${start} and ${end} must be whole numbers; x is ${shapeText(x.shape)}`,
      );
    }
    return { inputs: [x], options: { axis: along, start: from, step, count: Math.ceil((to - from) / step) } };
  },
  shape: ([x], { axis, count }) => x.shape.with(axis, count),
  forward: ([x], { axis, start, step }, shape) =>
    new Tensor(
      x.storage,
      shape,
      x.strides.with(axis, x.strides[axis] * step),
      x.offset + (shape[axis] > 0 ? start * x.strides[axis] : 0),
    ),
  backward: (g, { shapes: [shape], options }) => [
    g.placeSlice(shape, options.axis, options.start, options.step),
  ],
  saves: [],
  flops: () => 0,
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1 });
    const axis = draw.integer(0, shape.length - 1);
    const start = draw.integer(0, shape[axis]);
    return [draw.tensor(shape), axis, start, draw.integer(start, shape[axis]), draw.integer(1, 3)];
  },
});

function clampPosition(position: number, extent: number): number {
  return Math.min(Math.max(position < 0 ? position + extent : position, 0), extent);
}
