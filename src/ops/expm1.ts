import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const expm1: Op<[x: Tensor]> = definePointwise({
  name: 'expm1',
  doc: 'e^x − 1, elementwise, without the rounding of e^x near 1.',
  value: (x) => x.expm1(),
  domain: anyTensor(),
});
