import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { sliced, transposed } from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'the shape is transposed and the strides are not',
    transposed: (view, a, b) => ({ ...transposed(view, a, b), strides: view.strides }),
    sliced,
  },
  {
    mistake: 'the offset counts elements of the axis and not of memory',
    transposed,
    sliced: (view, axis, from, to, step) => ({
      ...sliced(view, axis, from, to, step),
      offset: view.offset + from,
    }),
  },
  {
    mistake: 'the offset the view had is forgotten',
    transposed,
    sliced: (view, axis, from, to, step) => ({
      ...sliced(view, axis, from, to, step),
      offset: from * view.strides[axis],
    }),
  },
  {
    mistake: 'the last element of a slice that does not come out even is lost',
    transposed,
    sliced: (view, axis, from, to, step) => ({
      ...sliced(view, axis, from, to, step),
      shape: view.shape.with(axis, Math.floor((to - from) / step)),
    }),
  },
]);
