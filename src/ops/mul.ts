import { type Binary, binary } from './families.ts';

export const mul: Binary = binary({
  name: 'mul',
  doc: 'a · b, elementwise; shapes broadcast.',
  value: (a, b) => a.mul(b),
});
