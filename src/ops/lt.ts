import { type Binary, comparison } from './families.ts';

export const lt: Binary = comparison({
  name: 'lt',
  doc: 'Whether a < b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.lessThan(b),
});
