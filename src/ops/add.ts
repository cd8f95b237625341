import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { broadcastPair } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const add: Op<[a: Tensor | number, b: Tensor | number]> = definePointwise({
  name: 'add',
  doc: 'a + b, elementwise; shapes broadcast.',
  value: (a, b) => a.add(b),
  type: arithmetic,
  domain: broadcastPair(),
});
