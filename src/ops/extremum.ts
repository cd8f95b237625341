/** max and min, argmax and argmin: they differ in nothing but the comparison. */
import { normalizeAxis } from '../tensor/shape.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { compact } from './compact.ts';
import { defineOp, notDifferentiable, type Op } from './define.ts';
import { tensorAndAxes } from './domains.ts';
import {
  keptShape,
  type ReduceOptions,
  type ReductionArgs,
  reducedShape,
  reduction,
  requireSome,
} from './reduction.ts';

export function extremum(kind: 'max' | 'min', doc: string): Op<ReductionArgs> {
  return defineOp({
    ...reduction(kind),
    doc,
    backward: (g, { inputs: [x], output, options: { axes } }) => {
      const kept = keptShape(x.shape, axes);
      // Where NaN wins it is the NaNs that win, though they equal nothing.
      const hits = x.eq(output.reshape(kept)).logicalOr(x.isNan()).to(x.dtype);
      return [hits.mul(g.reshape(kept).div(hits.sum(axes, { keepDim: true })))];
    },
    saves: [0, 'output'],
    domain: tensorAndAxes({ distinct: true }),
  });
}

export type ArgExtremum = Op<[x: Tensor, axis?: number, options?: ReduceOptions]>;

export function argExtremum(kind: 'max' | 'min', doc: string): ArgExtremum {
  const name = `arg${kind}`;
  return defineOp({
    name,
    takes: 'x: Tensor, axis?: number, options?: { keepDim }',
    doc,
    parse: (x: Tensor, axis?: number, { keepDim = false }: ReduceOptions = {}) => {
      // Over all axes, positions count the elements in reading order.
      const along = axis === undefined ? null : normalizeAxis(name, axis, x.shape);
      const axes = along === null ? x.shape.map((_, i) => i) : [along];
      requireSome(name, x.shape, axes);
      return { inputs: [x.detach()], options: { along, axes, keepDim } };
    },
    shape: ([x], options) => reducedShape(x.shape, options),
    forward: ([x], { along }, shape) => {
      const rows = along === null ? x.reshape([x.size]) : x.transpose(along, -1);
      const out = emptyTensor(keptShape(rows.shape, [rows.rank - 1]), 'int32', x.device);
      if (out.size > 0) x.device.kernels.argReduce(kind, compact(rows), out);
      return (along === null ? out : out.transpose(along, -1)).reshape(shape);
    },
    backward: notDifferentiable('a position is a whole number'),
    flops: ([x]) => x.size,
    domain: (draw) => {
      const shape = draw.shape({ minExtent: 1, maxRank: 3 });
      const axis = shape.length > 0 && draw.boolean() ? draw.integer(0, shape.length - 1) : undefined;
      return [draw.tensor(shape, { distinct: true }), axis, { keepDim: draw.boolean() }];
    },
  });
}
