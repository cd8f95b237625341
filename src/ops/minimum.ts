import type { Tensor } from '../tensor/tensor.ts';
import type { Op } from './define.ts';
import { distinctPair } from './domains.ts';
import { arithmetic, definePointwise } from './pointwise.ts';

export const minimum: Op<[a: Tensor | number, b: Tensor | number]> = definePointwise({
  name: 'minimum',
  doc: 'The smaller of a and b, elementwise; shapes broadcast; NaN wins. Ties share the gradient evenly.',
  value: (a, b) => a.minimum(b),
  type: arithmetic,
  domain: distinctPair,
});
