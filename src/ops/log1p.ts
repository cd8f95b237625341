import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const log1p: Op<[x: Tensor]> = definePointwise({
  name: 'log1p',
  doc: 'log(1 + x), elementwise, without the rounding of 1 + x; NaN below −1.',
  value: (x) => x.log1p(),
  domain: anyTensor({ min: -0.5, max: 3 }),
});
