import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'the diagonal alone: what the other elements lose is forgotten',
    softmaxBackward: (gradient, s) => gradient.mul(s).mul(s.neg().add(1)),
  },
  {
    mistake: 'the sum runs over all rows',
    softmaxBackward: (gradient, s) => s.mul(gradient.sub(gradient.mul(s).sum())),
  },
  {
    mistake: 'the plain mean of the gradient is taken off, not the weighted one',
    softmaxBackward: (gradient, s) => s.mul(gradient.sub(gradient.mean(-1, { keepDim: true }))),
  },
  { mistake: 'as though it were the exponential', softmaxBackward: (gradient, s) => gradient.mul(s) },
]);
