import { type Unary, unary } from './families.ts';

export const log1p: Unary = unary({
  name: 'log1p',
  doc: 'log(1 + x), elementwise, without the rounding of 1 + x; NaN below −1.',
  value: (x) => x.log1p(),
  range: { min: -0.5, max: 3 },
});
