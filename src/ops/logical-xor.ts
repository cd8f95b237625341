import type { Tensor } from '../tensor/tensor.ts';
import { notDifferentiable, type Op } from './define.ts';
import { maskPair } from './domains.ts';
import { definePointwise, truth } from './pointwise.ts';

export const logicalXor: Op<[a: Tensor, b: Tensor]> = definePointwise({
  name: 'logicalXor',
  doc: 'Whether one of a and b is 0 and the other is not, elementwise, as bool; shapes broadcast.',
  value: (a, b) => a.equal(0).equal(b.equal(0)).equal(0),
  type: truth,
  differentiable: notDifferentiable('a truth value is flat'),
  domain: maskPair,
});
