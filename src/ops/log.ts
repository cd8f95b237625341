import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const log: Op<[x: Tensor]> = definePointwise({
  name: 'log',
  doc: 'Natural logarithm, elementwise; −∞ at 0, NaN below.',
  value: (x) => x.log(),
  domain: anyTensor({ min: 0.2, max: 3 }),
});
