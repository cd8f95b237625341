import { OpError, shapeText } from '../tensor/errors.ts';
import { isExtents, normalizeAxis, type Shape, sameShape } from '../tensor/shape.ts';
import { Tensor, zerosTensor } from '../tensor/tensor.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export const placeSlice: Op<[x: Tensor, shape: Shape, axis: number, start: number, step?: number]> = defineOp(
  {
    name: 'placeSlice',
    takes: 'x: Tensor, shape: number[], axis: number, start: number, step?: number',
    doc: 'Zeros of a shape with x standing at start, start + step, … along one axis: the transpose of slice.',
    parse: (x: Tensor, shape: Shape, axis: number, start: number, step = 1) => {
      const along = normalizeAxis('placeSlice', axis, shape);
      const last = start + (x.shape[along] - 1) * step;
      const fits =
        isExtents(shape) &&
        sameShape(x.shape.with(along, shape[along]), shape) &&
        Number.isInteger(start) &&
        start >= 0 &&
        Number.isInteger(step) &&
        step >= 1 &&
        (x.shape[along] === 0 || last < shape[along]);
      if (!fits) {
        throw new OpError(
          'placeSlice',
          `${shapeText(x.shape)} does not fit into ${shapeText(shape)} from position ${start} of axis ${axis} in steps of ` +
            `${step}: the other axes must agree, and all of it stand inside`,
        );
      }
      return { inputs: [x], options: { shape: [...shape], axis: along, start, step } };
    },
    shape: (_, { shape }) => shape,
    forward: ([x], { axis, start, step }, shape) => {
      const out = zerosTensor(shape, x.dtype, x.device);
      if (x.size === 0) return out;
      const strides = out.strides.with(axis, out.strides[axis] * step);
      const place = new Tensor(out.storage, x.shape, strides, start * out.strides[axis]);
      x.device.kernels.copyInto(compact(x), place);
      return out;
    },
    backward: (g, { shapes: [shape], options: { axis, start, step } }) => {
      const end = start + (shape[axis] - 1) * step + 1;
      return [g.slice(axis, start, shape[axis] === 0 ? start : end, step)];
    },
    saves: [],
    flops: () => 0,
    domain: (draw) => {
      const shape = draw.shape({ minRank: 1 });
      const axis = draw.integer(0, shape.length - 1);
      const start = draw.integer(0, 2);
      const step = draw.integer(1, 2);
      const extent = start + shape[axis] * step;
      return [draw.tensor(shape), shape.with(axis, extent), axis, start, step];
    },
  },
);
