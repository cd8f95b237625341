import { normalizeAxes, sizeOf } from '../tensor/shape.ts';
import { defineComposite, type Op } from './define.ts';
import { tensorAndAxes } from './domains.ts';
import { type ReductionArgs, reductionTakes } from './reduction.ts';

export const mean: Op<ReductionArgs> = defineComposite<ReductionArgs>({
  name: 'mean',
  takes: reductionTakes,
  doc: 'Arithmetic mean over the given axes (default: all); NaN over nothing.',
  compute: (x, axes, options) => {
    const count = sizeOf(normalizeAxes('mean', axes, x.shape).map((axis) => x.shape[axis]));
    return x.sum(axes, options).div(count);
  },
  domain: tensorAndAxes({}, { maxRank: 4 }),
});
