import { type Unary, unary } from './families.ts';

export const exp: Unary = unary({
  name: 'exp',
  doc: 'e^x, elementwise.',
  value: (x) => x.exp(),
});
