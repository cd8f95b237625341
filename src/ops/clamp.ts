import { OpError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const clamp: Op<[x: Tensor, min?: number, max?: number]> = definePointwise({
  name: 'clamp',
  takes: 'x: Tensor, min?: number, max?: number',
  doc: 'x moved up to min and down to max (each may be left out), elementwise; the derivative is 1 inside and at the bounds, 0 outside.',
  operands: (x: Tensor, min?: number, max?: number) => {
    const [lowest, highest] = x.dtype.startsWith('float') ? [-Infinity, Infinity] : [-(2 ** 31), 2 ** 31 - 1];
    const [low, high] = [min ?? lowest, max ?? highest];
    if (low > high) throw new OpError('clamp', `min ${min} is above max ${max}`, `x.clamp(${max}, ${min})`);
    return [x, low, high];
  },
  value: (x, min, max) => x.lessThan(min).select(min, x.greaterThan(max).select(max, x)),
  type: arithmetic,
  domain: (draw) => {
    const [min, max] = [draw.pick([undefined, -0.5]), draw.pick([undefined, 0.75])];
    return [draw.tensor(draw.shape(), { avoid: [-0.5, 0.75] }), min, max];
  },
});
