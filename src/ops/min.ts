import type { Tensor } from '../tensor/tensor.ts';
import { defineOp, type Op } from './define.ts';
import { type Axes, extremum, type ReduceOptions } from './reduction.ts';

export const min: Op<[x: Tensor, axes?: Axes, options?: ReduceOptions]> = defineOp(
  extremum('min', 'The smallest element over the given axes (default: all); ties share the gradient evenly.'),
);
