import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const rsqrt: Op<[x: Tensor]> = definePointwise({
  name: 'rsqrt',
  doc: '1 / √x, elementwise; NaN below 0.',
  value: (x) => x.sqrt().reciprocal(),
  domain: anyTensor({ min: 0.5, max: 3 }),
});
