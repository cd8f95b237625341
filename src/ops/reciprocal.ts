import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { definePointwise } from './pointwise.ts';

export const reciprocal: Op<[x: Tensor]> = definePointwise({
  name: 'reciprocal',
  doc: '1 / x, elementwise.',
  value: (x) => x.reciprocal(),
  domain: (draw) => {
    const range = draw.boolean() ? { min: 0.5, max: 3 } : { min: -3, max: -0.5 };
    return [draw.tensor(draw.shape(), range)];
  },
});
