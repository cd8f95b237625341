import { type Unary, unary } from './families.ts';
import { arithmetic } from './pointwise.ts';

export const square: Unary = unary({
  name: 'square',
  doc: 'x², elementwise.',
  value: (x) => x.square(),
  type: arithmetic,
});
