import { type Binary, comparison } from './families.ts';

export const gt: Binary = comparison({
  name: 'gt',
  doc: 'Whether a > b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.greaterThan(b),
});
