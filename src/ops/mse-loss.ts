import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import { requireSameShape, sameShapePair } from './losses.ts';

export const mseLoss: Op<[x: Tensor, target: Tensor]> = defineComposite({
  name: 'mseLoss',
  takes: 'x: Tensor, target: Tensor',
  doc: 'Mean over all elements of (x − target)²; both of one shape.',
  compute: (x, target) => {
    requireSameShape('mseLoss', x, target);
    return x.sub(target).square().mean();
  },
  domain: sameShapePair(),
});
