import { broadcastPair } from './domains.ts';
import { type Binary, binary } from './families.ts';
import { floating } from './pointwise.ts';

export const div: Binary = binary({
  name: 'div',
  doc: 'a / b, elementwise; shapes broadcast. Integers give float32.',
  value: (a, b) => a.div(b),
  type: floating,
  domain: broadcastPair({}, { min: 0.5, max: 3 }),
});
