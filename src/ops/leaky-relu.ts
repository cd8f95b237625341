import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { definePointwise } from './pointwise.ts';

export const leakyRelu: Op<[x: Tensor, slope?: number]> = definePointwise({
  name: 'leakyRelu',
  takes: 'x: Tensor, slope?: number',
  doc: 'x above 0, slope · x (default 0.01) from 0 down, elementwise; the derivative at 0 is the slope.',
  operands: (x: Tensor, slope = 0.01) => [x, slope],
  value: (x, slope) => x.greaterThan(0).select(x, x.mul(slope)),
  domain: (draw) => [draw.tensor(draw.shape(), { avoid: [0] }), draw.pick([0.01, 0.3])],
});
