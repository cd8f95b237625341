import { distinctPair } from './domains.ts';
import { type Binary, binary } from './families.ts';

export const minimum: Binary = binary({
  name: 'minimum',
  doc: 'The smaller of a and b, elementwise; shapes broadcast; NaN wins. Ties share the gradient evenly.',
  value: (a, b) => a.minimum(b),
  domain: distinctPair,
});
