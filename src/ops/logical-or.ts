import { maskPair } from './domains.ts';
import { type Binary, comparison } from './families.ts';

export const logicalOr: Binary = comparison({
  name: 'logicalOr',
  doc: 'Whether a or b is not 0, elementwise, as bool; shapes broadcast.',
  value: (a, b) => a.equal(0).select(b.equal(0).equal(0), 1),
  domain: maskPair,
});
