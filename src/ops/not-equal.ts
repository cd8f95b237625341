import type { Tensor } from '../tensor/tensor.ts';
import { notDifferentiable, type Op } from './define.ts';
import { broadcastPair } from './domains.ts';
import { definePointwise, truth } from './pointwise.ts';

export const notEqual: Op<[a: Tensor | number, b: Tensor | number]> = definePointwise({
  name: 'notEqual',
  doc: 'Whether a ≠ b, elementwise, as bool; true where either is NaN.',
  value: (a, b) => a.equal(b).equal(0),
  type: truth,
  differentiable: notDifferentiable('a truth value is flat'),
  domain: broadcastPair(),
});
