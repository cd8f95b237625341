import { type Binary, binary } from './families.ts';

export const sub: Binary = binary({
  name: 'sub',
  doc: 'a − b, elementwise; shapes broadcast.',
  value: (a, b) => a.sub(b),
});
