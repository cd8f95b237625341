import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const erf: Op<[x: Tensor]> = definePointwise({
  name: 'erf',
  doc: 'The error function 2/√π ∫₀ˣ e^(−t²) dt, elementwise.',
  value: (x) => x.erf(),
  domain: anyTensor(),
});
