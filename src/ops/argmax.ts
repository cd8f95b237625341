import type { Tensor } from '../tensor/tensor.ts';
import { argExtremum } from './arg-extremum.ts';
import { defineOp, type Op } from './define.ts';
import type { ReduceOptions } from './reduction.ts';

export const argmax: Op<[x: Tensor, axis?: number, options?: ReduceOptions]> = defineOp(
  argExtremum(
    'max',
    'Where the largest element stands along one axis, or in the whole tensor (default), int32; the first of several; NaN wins.',
  ),
);
