import { type Unary, unary } from './families.ts';
import { arithmetic } from './pointwise.ts';

export const abs: Unary = unary({
  name: 'abs',
  doc: '|x|, elementwise; the derivative at 0 is 0.',
  value: (x) => x.abs(),
  type: arithmetic,
  range: { avoid: [0] },
});
