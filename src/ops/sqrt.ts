import { type Unary, unary } from './families.ts';

export const sqrt: Unary = unary({
  name: 'sqrt',
  doc: 'Square root, elementwise; NaN below 0.',
  value: (x) => x.sqrt(),
  range: { min: 0.2, max: 3 },
});
