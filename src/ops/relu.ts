import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const relu: Op<[x: Tensor]> = definePointwise({
  name: 'relu',
  doc: 'max(x, 0), elementwise; the derivative at 0 is 0, as in PyTorch; NaN stays NaN.',
  value: (x) => x.lessEqual(0).select(0, x),
  type: arithmetic,
  domain: anyTensor({ avoid: [0] }),
});
