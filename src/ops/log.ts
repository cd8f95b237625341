import { type Unary, unary } from './families.ts';

export const log: Unary = unary({
  name: 'log',
  doc: 'Natural logarithm, elementwise; −∞ at 0, NaN below.',
  value: (x) => x.log(),
  range: { min: 0.2, max: 3 },
});
