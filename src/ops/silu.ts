import { type Unary, unary } from './families.ts';

export const silu: Unary = unary({
  name: 'silu',
  doc: 'x · sigmoid(x), also called swish, elementwise.',
  value: (x) => x.div(x.neg().exp().add(1)),
  derivative: ([x]) => {
    // The sigmoid through tanh: no exponential that overflows, in derivatives of any order.
    const sigmoid = x.mul(0.5).tanh().add(1).mul(0.5);
    return [sigmoid.mul(x.mul(sigmoid.neg().add(1)).add(1))];
  },
});
