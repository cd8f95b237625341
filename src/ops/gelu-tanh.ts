import { type Unary, unary } from './families.ts';

const SCALE = 2 * Math.sqrt(2 / Math.PI);

export const geluTanh: Unary = unary({
  name: 'geluTanh',
  doc: 'GELU in its tanh form, x/2 · (1 + tanh u) = x · sigmoid(2 u) with u = √(2/π) (x + 0.044715 x³), elementwise.',
  // As a sigmoid it keeps its digits below 0, where 1 + tanh u cancels.
  value: (x) =>
    x.mul(
      x
        .mul(
          x
            .square()
            .mul(0.044715 * SCALE)
            .add(SCALE),
        )
        .sigmoid(),
    ),
});
