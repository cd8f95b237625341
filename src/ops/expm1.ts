import { type Unary, unary } from './families.ts';

export const expm1: Unary = unary({
  name: 'expm1',
  doc: 'e^x − 1, elementwise, without the rounding of e^x near 1.',
  value: (x) => x.expm1(),
});
