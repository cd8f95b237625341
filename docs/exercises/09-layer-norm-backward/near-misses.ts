import type { Tensor } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

const mean = (t: Tensor): Tensor => t.mean(-1, { keepDim: true });

function parts(x: Tensor, epsilon: number): { y: Tensor; scale: Tensor } {
  const centred = x.sub(mean(x));
  const scale = mean(centred.square()).add(epsilon).sqrt();
  return { y: centred.div(scale), scale };
}

export default nearMisses<typeof Solution>([
  {
    mistake: 'mean and scale are taken for constants',
    layerNormBackward: (gradient, x, epsilon) => gradient.div(parts(x, epsilon).scale),
  },
  {
    mistake: 'the scale is taken for a constant',
    layerNormBackward: (gradient, x, epsilon) => gradient.sub(mean(gradient)).div(parts(x, epsilon).scale),
  },
  {
    mistake: 'the mean is taken for a constant',
    layerNormBackward(gradient, x, epsilon) {
      const { y, scale } = parts(x, epsilon);
      return gradient.sub(y.mul(mean(gradient.mul(y)))).div(scale);
    },
  },
  {
    mistake: 'the variance divides by D − 1',
    layerNormBackward(gradient, x, epsilon) {
      const centred = x.sub(mean(x));
      const dim = x.shape[1];
      const scale = centred
        .square()
        .sum(-1, { keepDim: true })
        .div(Math.max(1, dim - 1))
        .add(epsilon)
        .sqrt();
      const y = centred.div(scale);
      return gradient
        .sub(mean(gradient))
        .sub(y.mul(mean(gradient.mul(y))))
        .div(scale);
    },
  },
  {
    mistake: 'ε is left out',
    layerNormBackward(gradient, x) {
      const { y, scale } = parts(x, 1e-12);
      return gradient
        .sub(mean(gradient))
        .sub(y.mul(mean(gradient.mul(y))))
        .div(scale);
    },
  },
]);
