import { sizeOf } from '../tensor/shape.ts';
import { defineOp, type Op } from './define.ts';
import { tensorAndAxes } from './domains.ts';
import { keptShape, type ReductionArgs, reduction } from './reduction.ts';
import { productBefore } from './scan.ts';

export const prod: Op<ReductionArgs> = defineOp({
  ...reduction('prod'),
  doc: 'Product over the given axes (default: all); 1 over nothing. Integers give float32. Zeros get their right gradient.',
  backward: (g, { inputs: [x], options: { axes } }) => {
    // The product of the others, from both sides: no division by an x that may be 0.
    const lead = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const order = [...lead, ...axes];
    const moved = x.permute(order);
    const count = sizeOf(axes.map((axis) => x.shape[axis]));
    const rows = moved.reshape([...lead.map((axis) => x.shape[axis]), count]);
    const others = productBefore(rows).mul(productBefore(rows.flip(-1)).flip(-1));
    const back = order.map((_, axis) => order.indexOf(axis));
    return [
      others
        .reshape(moved.shape)
        .permute(back)
        .mul(g.reshape(keptShape(x.shape, axes))),
    ];
  },
  domain: tensorAndAxes({}, { minExtent: 0, maxExtent: 3 }),
});
