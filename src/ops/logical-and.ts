import { maskPair } from './domains.ts';
import { type Binary, comparison } from './families.ts';

export const logicalAnd: Binary = comparison({
  name: 'logicalAnd',
  doc: 'Whether neither a nor b is 0, elementwise, as bool; shapes broadcast.',
  value: (a, b) => a.equal(0).select(0, b.equal(0).equal(0)),
  domain: maskPair,
});
