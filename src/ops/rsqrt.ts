import { type Unary, unary } from './families.ts';

export const rsqrt: Unary = unary({
  name: 'rsqrt',
  doc: '1 / √x, elementwise; NaN below 0.',
  value: (x) => x.sqrt().reciprocal(),
  range: { min: 0.5, max: 3 },
});
