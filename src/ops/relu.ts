import { type Unary, unary } from './families.ts';
import { arithmetic } from './pointwise.ts';

export const relu: Unary = unary({
  name: 'relu',
  doc: 'max(x, 0), elementwise; the derivative at 0 is 0, as in PyTorch; NaN stays NaN.',
  value: (x) => x.lessEqual(0).select(0, x),
  type: arithmetic,
  range: { avoid: [0] },
});
