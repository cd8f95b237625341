import { type Unary, unary } from './families.ts';

const SCALE = Math.sqrt(2 / Math.PI);

export const geluTanh: Unary = unary({
  name: 'geluTanh',
  doc: 'GELU in its tanh form, x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), elementwise.',
  value: (x) => x.mul(0.5).mul(x.mul(x.square().mul(0.044715).add(1)).mul(SCALE).tanh().add(1)),
});
