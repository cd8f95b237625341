import { type Binary, comparison } from './families.ts';

export const eq: Binary = comparison({
  name: 'eq',
  doc: 'Whether a = b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.equal(b),
});
