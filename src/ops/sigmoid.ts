import { type Unary, unary } from './families.ts';

export const sigmoid: Unary = unary({
  name: 'sigmoid',
  doc: '1 / (1 + e^−x), elementwise.',
  value: (x) => x.neg().exp().add(1).reciprocal(),
  derivative: (_, y) => [y.mul(y.neg().add(1))],
});
