import { defineOp, type Op } from './define.ts';
import { tensorAndAxes } from './domains.ts';
import { keptShape, type ReductionArgs, reduction } from './reduction.ts';

export const sum: Op<ReductionArgs> = defineOp({
  ...reduction('sum'),
  doc: 'Sum over the given axes (default: all); reduced axes disappear, or stay with size 1 under keepDim. Integers give float32.',
  backward: (g, { shapes: [shape], options: { axes } }) => [g.reshape(keptShape(shape, axes)).expand(shape)],
  saves: [],
  domain: tensorAndAxes({}, { minExtent: 0, maxRank: 4 }),
});
