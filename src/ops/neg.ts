import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const neg: Op<[x: Tensor]> = definePointwise({
  name: 'neg',
  doc: '−x, elementwise.',
  value: (x) => x.neg(),
  type: arithmetic,
  domain: anyTensor(),
});
