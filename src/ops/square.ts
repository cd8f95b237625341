import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const square: Op<[x: Tensor]> = definePointwise({
  name: 'square',
  doc: 'x², elementwise.',
  value: (x) => x.square(),
  type: arithmetic,
  domain: anyTensor(),
});
