import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const tanh: Op<[x: Tensor]> = definePointwise({
  name: 'tanh',
  doc: 'Hyperbolic tangent, elementwise.',
  value: (x) => x.tanh(),
  derivative: (_, y) => [y.square().neg().add(1)],
  domain: anyTensor(),
});
