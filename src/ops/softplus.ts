import { type Unary, unary } from './families.ts';

export const softplus: Unary = unary({
  name: 'softplus',
  doc: 'log(1 + e^x), elementwise, as max(x, 0) + log(1 + e^−|x|), which overflows nowhere.',
  value: (x) => x.maximum(0).add(x.abs().neg().exp().log1p()),
  // The sigmoid, without cancelling on either side: e^x / (1 + e^x) = e^(x − y).
  // Far out, where y is x exactly, it is 1 without computing ∞ − ∞.
  derivative: ([x], y) => [x.greaterThan(1e4).select(1, x.sub(y).exp())],
});
