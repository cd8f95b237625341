import { type Binary, comparison } from './families.ts';

export const lessThan: Binary = comparison({
  name: 'lessThan',
  doc: 'Whether a < b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.lessThan(b),
});
