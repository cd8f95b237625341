import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'nothing is transposed: the shapes fit where they are square',
    matmulBackward: (gradient, a, b) => [gradient.matmul(b), a.matmul(gradient)],
  },
  {
    mistake: 'the two are returned in the other order',
    matmulBackward: (gradient, a, b) => [a.transpose().matmul(gradient), gradient.matmul(b.transpose())],
  },
  {
    mistake: 'the gradient of a product of numbers, element by element',
    matmulBackward: (gradient, a, b) => [
      gradient.sum(1, { keepDim: true }).mul(b.sum(1)),
      a.sum(0).unsqueeze(1).mul(gradient.sum(0)),
    ],
  },
  {
    mistake: 'that of b comes out transposed',
    matmulBackward: (gradient, a, b) => [gradient.matmul(b.transpose()), gradient.transpose().matmul(a)],
  },
]);
