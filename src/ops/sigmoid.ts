import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const sigmoid: Op<[x: Tensor]> = definePointwise({
  name: 'sigmoid',
  doc: '1 / (1 + e^−x), elementwise.',
  value: (x) => x.neg().exp().add(1).reciprocal(),
  derivative: (_, y) => [y.mul(y.neg().add(1))],
  domain: anyTensor(),
});
