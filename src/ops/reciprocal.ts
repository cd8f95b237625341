import { type Unary, unary } from './families.ts';

export const reciprocal: Unary = unary({
  name: 'reciprocal',
  doc: '1 / x, elementwise.',
  value: (x) => x.reciprocal(),
  range: { min: 0.5, max: 3 },
});
