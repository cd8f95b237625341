import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const cos: Op<[x: Tensor]> = definePointwise({
  name: 'cos',
  doc: 'Cosine of x in radians, elementwise.',
  value: (x) => x.cos(),
  domain: anyTensor(),
});
