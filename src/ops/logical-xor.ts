import { maskPair } from './domains.ts';
import { type Binary, comparison } from './families.ts';

export const logicalXor: Binary = comparison({
  name: 'logicalXor',
  doc: 'Whether one of a and b is 0 and the other is not, elementwise, as bool; shapes broadcast.',
  value: (a, b) => a.equal(0).equal(b.equal(0)).equal(0),
  domain: maskPair,
});
