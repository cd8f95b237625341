import type { Tensor } from '../tensor/tensor.ts';
import { notDifferentiable, type Op } from './define.ts';
import { anyTensor } from './domains.ts';
import { definePointwise, truth } from './pointwise.ts';

export const logicalNot: Op<[x: Tensor]> = definePointwise({
  name: 'logicalNot',
  doc: 'Whether x is 0, elementwise, as bool.',
  value: (x) => x.equal(0),
  type: truth,
  differentiable: notDifferentiable('a truth value is flat'),
  domain: anyTensor(),
});
