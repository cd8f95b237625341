import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const gelu: Op<[x: Tensor]> = definePointwise({
  name: 'gelu',
  doc: 'GELU, x · Φ(x) with the normal distribution Φ, through erf (geluTanh approximates it), elementwise.',
  value: (x) => x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1)),
  domain: anyTensor(),
});
