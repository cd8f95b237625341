import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const sin: Op<[x: Tensor]> = definePointwise({
  name: 'sin',
  doc: 'Sine of x in radians, elementwise.',
  value: (x) => x.sin(),
  domain: anyTensor(),
});
