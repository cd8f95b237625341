import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { broadcastPair } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const sub: Op<[a: Tensor | number, b: Tensor | number]> = definePointwise({
  name: 'sub',
  doc: 'a − b, elementwise; shapes broadcast.',
  value: (a, b) => a.sub(b),
  type: arithmetic,
  domain: broadcastPair(),
});
