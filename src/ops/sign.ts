import { type Unary, unary } from './families.ts';
import { arithmetic } from './pointwise.ts';

export const sign: Unary = unary({
  name: 'sign',
  doc: '−1, 0 or 1, elementwise; NaN stays NaN. Its derivative is 0 everywhere.',
  value: (x) => x.sign(),
  type: arithmetic,
  range: { avoid: [0] },
});
