import { type Unary, unary } from './families.ts';

export const erf: Unary = unary({
  name: 'erf',
  doc: 'The error function 2/√π ∫₀ˣ e^(−t²) dt, elementwise.',
  value: (x) => x.erf(),
});
