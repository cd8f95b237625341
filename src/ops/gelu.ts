import { type Unary, unary } from './families.ts';

export const gelu: Unary = unary({
  name: 'gelu',
  doc: 'GELU, x · Φ(x) with the normal distribution Φ, through erf (geluTanh approximates it), elementwise.',
  value: (x) => x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1)),
});
