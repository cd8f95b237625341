import { type Binary, comparison } from './families.ts';

export const le: Binary = comparison({
  name: 'le',
  doc: 'Whether a ≤ b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.lessEqual(b),
});
