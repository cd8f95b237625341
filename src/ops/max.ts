import type { Tensor } from '../tensor/tensor.ts';
import { defineOp, type Op } from './define.ts';
import { type Axes, extremum, type ReduceOptions } from './reduction.ts';

export const max: Op<[x: Tensor, axes?: Axes, options?: ReduceOptions]> = defineOp(
  extremum('max', 'The largest element over the given axes (default: all); ties share the gradient evenly.'),
);
