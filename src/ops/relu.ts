import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const relu: Op<[x: Tensor]> = definePointwise({
  name: 'relu',
  doc: 'max(x, 0), elementwise; the derivative at 0 is 0, as in PyTorch.',
  value: (x) => x.greaterThan(0).select(x, 0),
  type: arithmetic,
  domain: anyTensor({ avoid: [0] }),
});
