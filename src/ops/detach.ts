import { detach as cut } from '../autograd/backward.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, notDifferentiable, type Op } from './define.ts';
import { anyTensor } from './domains.ts';

export const detach: Op<[x: Tensor]> = defineComposite({
  name: 'detach',
  takes: 'x: Tensor',
  doc: 'The same values without a past: no gradient flows back through the result. A view.',
  compute: (x) => cut(x),
  differentiable: notDifferentiable('stopping the gradient is what it is for'),
  domain: anyTensor(),
});
