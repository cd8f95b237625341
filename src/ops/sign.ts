import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const sign: Op<[x: Tensor]> = definePointwise({
  name: 'sign',
  doc: '−1, 0 or 1, elementwise; NaN stays NaN. Its derivative is 0 everywhere.',
  value: (x) => x.sign(),
  type: arithmetic,
  domain: anyTensor({ avoid: [0] }),
});
