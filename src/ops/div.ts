import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { broadcastPair } from './domains.ts';
import { definePointwise } from './pointwise.ts';

export const div: Op<[a: Tensor | number, b: Tensor | number]> = definePointwise({
  name: 'div',
  doc: 'a / b, elementwise; shapes broadcast. Integers give float32.',
  value: (a, b) => a.div(b),
  domain: broadcastPair({}, { min: 0.5, max: 3 }),
});
