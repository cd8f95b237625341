import type { Tensor } from '../tensor/tensor.ts';
import { notDifferentiable, type Op } from './define.ts';
import { broadcastPair } from './domains.ts';
import { definePointwise, truth } from './pointwise.ts';

export const equal: Op<[a: Tensor | number, b: Tensor | number]> = definePointwise({
  name: 'equal',
  doc: 'Whether a = b, elementwise, as bool; false where either is NaN.',
  value: (a, b) => a.equal(b),
  type: truth,
  differentiable: notDifferentiable('a truth value is flat'),
  domain: broadcastPair(),
});
