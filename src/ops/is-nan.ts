import type { Tensor } from '../tensor/tensor.ts';
import { notDifferentiable, type Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise, truth } from './pointwise.ts';

export const isNan: Op<[x: Tensor]> = definePointwise({
  name: 'isNan',
  doc: 'Whether x is not a number, elementwise, as bool.',
  value: (x) => x.equal(x).equal(0),
  type: truth,
  differentiable: notDifferentiable('a truth value is flat'),
  domain: anyTensor(),
});
