import { distinctPair } from './domains.ts';
import { type Binary, binary } from './families.ts';

export const maximum: Binary = binary({
  name: 'maximum',
  doc: 'The larger of a and b, elementwise; shapes broadcast; NaN wins. Ties share the gradient evenly.',
  value: (a, b) => a.maximum(b),
  domain: distinctPair,
});
