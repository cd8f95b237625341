import { normalizeAxes, sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import type { Axes, ReduceOptions } from './reduction.ts';

export interface VarianceOptions extends ReduceOptions {
  /** The sum of squares is divided by n − correction. Default 1 (unbiased), as in PyTorch; 0 for the population's. */
  correction?: number;
}

export const variance: Op<[x: Tensor, axes?: Axes, options?: VarianceOptions]> = defineComposite({
  name: 'variance',
  takes: 'x: Tensor, axes?: number | number[], options?: { correction, keepDim }',
  doc: 'Σ (x − mean)² / (n − correction) over the given axes (default: all), correction 1; ∞ or NaN unless n exceeds it.',
  compute: (x, axes, { correction = 1, keepDim } = {}) => {
    const count = sizeOf(normalizeAxes('variance', axes, x.shape).map((axis) => x.shape[axis]));
    const centred = x.sub(x.mean(axes, { keepDim: true }));
    return centred
      .square()
      .sum(axes, { keepDim })
      .div(Math.max(count - correction, 0));
  },
  domain: (draw) => {
    const shape = draw.shape({ minExtent: 2, maxExtent: 3, maxRank: 3 });
    const axes = draw.axes(shape.length);
    const several = (axes ?? shape).length > 0;
    return [
      draw.tensor(shape),
      axes,
      { correction: several ? draw.pick([0, 1]) : 0, keepDim: draw.boolean() },
    ];
  },
});
