import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const abs: Op<[x: Tensor]> = definePointwise({
  name: 'abs',
  doc: '|x|, elementwise; the derivative at 0 is 0.',
  value: (x) => x.abs(),
  type: arithmetic,
  domain: anyTensor({ avoid: [0] }),
});
