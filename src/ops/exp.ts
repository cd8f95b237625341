import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const exp: Op<[x: Tensor]> = definePointwise({
  name: 'exp',
  doc: 'e^x, elementwise.',
  value: (x) => x.exp(),
  domain: anyTensor(),
});
