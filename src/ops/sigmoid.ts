import { type Unary, unary } from './families.ts';

export const sigmoid: Unary = unary({
  name: 'sigmoid',
  doc: '1 / (1 + e^−x), elementwise.',
  value: (x) => x.sigmoid(),
});
