/**
 * The reference dialect: plain loops over typed arrays, float32 and float64. It is the specification that every other
 * device is tested against. Sums run in float64 and round once, at the store.
 */
import { attention, attentionBackward } from './attention/reference.ts';
import type { Kernels, TypedArray } from './contract.ts';
import { crossEntropy, crossEntropyBackward } from './cross-entropy/reference.ts';
import { layerNorm, layerNormBackward } from './layer-norm/reference.ts';
import { matmul } from './matmul/reference.ts';
import { pointwise, update } from './pointwise/reference.ts';
import { gumbel } from './random/reference.ts';
import { reduce } from './reduce/reference.ts';
import { copyInto, gather, gatherRows, scatterAdd, scatterAddRows, scatterRows } from './rows/reference.ts';
import { scan } from './scan/reference.ts';
import { softmax, softmaxBackward } from './softmax/reference.ts';
import { argReduce, sort } from './sort/reference.ts';

export const reference: Kernels<TypedArray> = {
  pointwise,
  update,
  reduce,
  argReduce,
  scan,
  sort,
  matmul,
  softmax,
  softmaxBackward,
  layerNorm,
  layerNormBackward,
  crossEntropy,
  crossEntropyBackward,
  attention,
  attentionBackward,
  gatherRows,
  scatterRows,
  scatterAddRows,
  gather,
  scatterAdd,
  gumbel,
  copyInto,
};
