import { type Unary, unary } from './families.ts';

export const tanh: Unary = unary({
  name: 'tanh',
  doc: 'Hyperbolic tangent, elementwise.',
  value: (x) => x.tanh(),
  derivative: (_, y) => [y.square().neg().add(1)],
});
