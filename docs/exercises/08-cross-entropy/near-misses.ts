import type { Tensor } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { crossEntropy } from './solution.ts';

const oneHot = (logits: Tensor, targets: Tensor): Tensor => targets.oneHot(logits.shape[1]).to(logits.dtype);

export default nearMisses<typeof Solution>([
  {
    mistake: 'the logarithm of softmax, which may have come out as 0',
    crossEntropy: (logits, targets) => ({
      ...crossEntropy(logits, targets),
      loss: -logits.softmax().log().mul(oneHot(logits, targets)).sum().item() / logits.shape[0],
    }),
  },
  {
    mistake: 'the gradient is that of the sum, the loss the mean',
    crossEntropy: (logits, targets) => ({
      ...crossEntropy(logits, targets),
      gradient: logits.softmax().sub(oneHot(logits, targets)),
    }),
  },
  {
    mistake: 'the gradient points the wrong way',
    crossEntropy: (logits, targets) => ({
      ...crossEntropy(logits, targets),
      gradient: crossEntropy(logits, targets).gradient.neg(),
    }),
  },
  {
    mistake: 'the gradient reaches the target alone',
    crossEntropy: (logits, targets) => ({
      ...crossEntropy(logits, targets),
      gradient: crossEntropy(logits, targets).gradient.mul(oneHot(logits, targets)),
    }),
  },
  {
    mistake: 'the mean over all elements, not over rows',
    crossEntropy: (logits, targets) => ({
      ...crossEntropy(logits, targets),
      loss: crossEntropy(logits, targets).loss / logits.shape[1],
    }),
  },
]);
