import { type Unary, unary } from './families.ts';

export const silu: Unary = unary({
  name: 'silu',
  doc: 'x · sigmoid(x), also called swish, elementwise.',
  value: (x) => x.mul(x.sigmoid()),
});
