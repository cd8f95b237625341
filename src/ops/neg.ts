import { type Unary, unary } from './families.ts';
import { arithmetic } from './pointwise.ts';

export const neg: Unary = unary({
  name: 'neg',
  doc: '−x, elementwise.',
  value: (x) => x.neg(),
  type: arithmetic,
});
