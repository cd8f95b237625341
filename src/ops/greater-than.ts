import { type Binary, comparison } from './families.ts';

export const greaterThan: Binary = comparison({
  name: 'greaterThan',
  doc: 'Whether a > b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.greaterThan(b),
});
