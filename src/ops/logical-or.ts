import type { Tensor } from '../tensor/tensor.ts';
import { notDifferentiable, type Op } from './define.ts';
import { maskPair } from './domains.ts';
import { definePointwise, truth } from './pointwise.ts';

export const logicalOr: Op<[a: Tensor, b: Tensor]> = definePointwise({
  name: 'logicalOr',
  doc: 'Whether a or b is not 0, elementwise, as bool; shapes broadcast.',
  value: (a, b) => a.equal(0).select(b.equal(0).equal(0), 1),
  type: truth,
  differentiable: notDifferentiable('a truth value is flat'),
  domain: maskPair,
});
