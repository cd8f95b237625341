import type { Tensor } from '../tensor/tensor.ts';
import { notDifferentiable, type Op } from './define.ts';
import { maskPair } from './domains.ts';
import { definePointwise, truth } from './pointwise.ts';

export const logicalAnd: Op<[a: Tensor, b: Tensor]> = definePointwise({
  name: 'logicalAnd',
  doc: 'Whether neither a nor b is 0, elementwise, as bool; shapes broadcast.',
  value: (a, b) => a.equal(0).select(0, b.equal(0).equal(0)),
  type: truth,
  differentiable: notDifferentiable('a truth value is flat'),
  domain: maskPair,
});
