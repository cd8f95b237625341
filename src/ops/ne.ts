import { type Binary, comparison } from './families.ts';

export const ne: Binary = comparison({
  name: 'ne',
  doc: 'Whether a ≠ b, elementwise, as bool; true where either is NaN.',
  value: (a, b) => a.equal(b).equal(0),
});
