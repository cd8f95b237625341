import { type Binary, binary } from './families.ts';

export const add: Binary = binary({
  name: 'add',
  doc: 'a + b, elementwise; shapes broadcast.',
  value: (a, b) => a.add(b),
});
