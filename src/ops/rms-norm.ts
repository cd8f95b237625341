import { OpError, shapeText } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

export const rmsNorm: Op<[x: Tensor, weight: Tensor, epsilon?: number]> = defineComposite({
  name: 'rmsNorm',
  takes: 'x: Tensor, weight: Tensor, epsilon?: number',
  doc: 'x / √(mean x² + ε) · weight over the last axis (…, D); weight (D), ε 1e-5 (Zhang & Sennrich 2019).',
  compute: (x, weight, epsilon = 1e-5) => {
    if (weight.rank !== 1 || weight.shape[0] !== x.shape[x.rank - 1]) {
      throw new OpError(
        'rmsNorm',
        `weight ${shapeText(weight.shape)} must be (${x.shape[x.rank - 1] ?? 'D'}), like the last axis of x ${shapeText(x.shape)}`,
      );
    }
    return x.mul(x.square().mean(-1, { keepDim: true }).add(epsilon).rsqrt()).mul(weight);
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3 });
    return [draw.tensor(shape), draw.tensor(shape.slice(-1)), 0.1];
  },
});
