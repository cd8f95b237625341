import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import { requireSameShape, sameShapePair } from './losses.ts';

export const binaryCrossEntropyWithLogits: Op<[logits: Tensor, targets: Tensor]> = defineComposite({
  name: 'binaryCrossEntropyWithLogits',
  takes: 'logits: Tensor, targets: Tensor',
  doc: 'Mean over all elements of −t log σ(x) − (1 − t) log(1 − σ(x)), in nats; targets from 0 to 1, of the shape of logits.',
  compute: (logits, targets) => {
    requireSameShape('binaryCrossEntropyWithLogits', logits, targets);
    // −log σ(x) = softplus(−x): exact on both sides, with no logarithm of a rounded 0.
    const positive = targets.mul(logits.neg().softplus());
    const negative = targets.neg().add(1).mul(logits.softplus());
    return positive.add(negative).mean();
  },
  domain: sameShapePair({ min: 0, max: 1 }),
});
