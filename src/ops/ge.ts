import { type Binary, comparison } from './families.ts';

export const ge: Binary = comparison({
  name: 'ge',
  doc: 'Whether a ≥ b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.greaterEqual(b),
});
