import { type Unary, unary } from './families.ts';

export const cos: Unary = unary({
  name: 'cos',
  doc: 'Cosine of x in radians, elementwise.',
  value: (x) => x.cos(),
});
