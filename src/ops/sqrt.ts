import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const sqrt: Op<[x: Tensor]> = definePointwise({
  name: 'sqrt',
  doc: 'Square root, elementwise; NaN below 0.',
  value: (x) => x.sqrt(),
  domain: anyTensor({ min: 0.2, max: 3 }),
});
