import { normalizeAxes } from '../tensor/shape.ts';
import { defineComposite, type Op } from './define.ts';
import { tensorAndAxes } from './domains.ts';
import { type ReductionArgs, reducedShape, reductionTakes } from './reduction.ts';

export const logSumExp: Op<ReductionArgs> = defineComposite<ReductionArgs>({
  name: 'logSumExp',
  takes: reductionTakes,
  doc: 'log Σ e^x over the given axes (default: all), shifted by the maximum; −∞, with gradient 0, where every x is −∞.',
  compute: (x, axes, { keepDim = false } = {}) => {
    const along = normalizeAxes('logSumExp', axes, x.shape);
    if (along.some((axis) => x.shape[axis] === 0)) return x.exp().sum(along, { keepDim }).log();
    const largest = x.detach().max(along, { keepDim: true });
    const shift = largest.abs().eq(Infinity).where(0, largest);
    const sum = x.sub(shift).exp().sum(along, { keepDim: true });
    // The sum is 0 only where every x is −∞; a logarithm there would make the gradient NaN.
    const empty = sum.eq(0);
    const result = empty.where(-Infinity, empty.where(1, sum).log().add(shift));
    return result.reshape(reducedShape(x.shape, { axes: along, keepDim }));
  },
  domain: tensorAndAxes(),
});
