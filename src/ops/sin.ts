import { type Unary, unary } from './families.ts';

export const sin: Unary = unary({
  name: 'sin',
  doc: 'Sine of x in radians, elementwise.',
  value: (x) => x.sin(),
});
