import { type Binary, comparison } from './families.ts';

export const greaterEqual: Binary = comparison({
  name: 'greaterEqual',
  doc: 'Whether a ≥ b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.greaterEqual(b),
});
