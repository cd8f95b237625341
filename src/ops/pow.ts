import { broadcastPair } from './domains.ts';
import { type Binary, binary } from './families.ts';
import { floating } from './pointwise.ts';

const positive = broadcastPair({ min: 0.5, max: 2 }, { min: -2, max: 2 });

export const pow: Binary = binary({
  name: 'pow',
  doc: 'a^b, elementwise; shapes broadcast. x^0 = 1 and 1^x = 1, for NaN too; a negative base needs whole exponents, else NaN. Integers give float32.',
  value: (a, b) => a.pow(b),
  type: floating,
  domain: (draw) =>
    draw.boolean() ? positive(draw) : [draw.tensor(draw.shape({ maxRank: 3 })), draw.pick([0, 1, 2, 3])],
});
