import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'sums over the axes that are missing, and forgets those of size 1',
    sumToShape: (gradient, shape) =>
      shape.length < gradient.rank
        ? gradient.sum(Array.from({ length: gradient.rank - shape.length }, (_, i) => i))
        : gradient,
  },
  {
    mistake: 'forgets the axes that are missing',
    sumToShape: (gradient, shape) =>
      gradient.rank === shape.length
        ? gradient.sum(
            shape.flatMap((n, axis) => (n === 1 ? [axis] : [])),
            { keepDim: true },
          )
        : gradient,
  },
  {
    mistake: 'the mean over the copies, not their sum',
    sumToShape: (gradient, shape) => {
      const lead = gradient.rank - shape.length;
      const axes = gradient.shape.flatMap((_, axis) =>
        axis < lead || shape[axis - lead] === 1 ? [axis] : [],
      );
      return axes.length > 0 ? gradient.mean(axes).reshape(shape) : gradient;
    },
  },
  {
    mistake: 'the first of the copies alone',
    sumToShape: (gradient, shape) => {
      let result = gradient;
      const lead = gradient.rank - shape.length;
      for (let axis = 0; axis < gradient.rank; axis++) {
        if (axis < lead || shape[axis - lead] === 1) result = result.slice(axis, 0, 1);
      }
      return result.reshape(shape);
    },
  },
]);
