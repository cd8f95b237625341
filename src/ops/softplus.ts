import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const softplus: Op<[x: Tensor]> = definePointwise({
  name: 'softplus',
  doc: 'log(1 + e^x), elementwise, as max(x, 0) + log(1 + e^−|x|), which overflows nowhere.',
  value: (x) => x.maximum(0).add(x.abs().neg().exp().log1p()),
  // The sigmoid, without cancelling on either side: e^x / (1 + e^x) = e^(x − y).
  derivative: ([x], y) => [x.sub(y).exp()],
  domain: anyTensor(),
});
