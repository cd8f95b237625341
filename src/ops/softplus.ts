import { type Unary, unary } from './families.ts';

export const softplus: Unary = unary({
  name: 'softplus',
  doc: 'log(1 + e^x), elementwise, as max(x, 0) + log(1 + e^−|x|), which overflows nowhere.',
  value: (x) => x.maximum(0).add(x.abs().neg().exp().log1p()),
  // The sigmoid, without cancelling on either side: e^x / (1 + e^x) = e^(x − y).
  derivative: ([x], y) => [x.sub(y).exp()],
});
