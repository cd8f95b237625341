/** The SIMD dialect: kernels emitted as WebAssembly, float32. What they do not do is left to the kernels handed over. */
import type { LinearBuffer, Machine } from './assembler/machine.ts';
import { simdAttention } from './attention/simd.ts';
import type { Kernels } from './contract.ts';
import { simdCrossEntropy } from './cross-entropy/simd.ts';
import { simdLayerNorm } from './layer-norm/simd.ts';
import { simdMatmul } from './matmul/simd.ts';
import { simdPointwise } from './pointwise/simd.ts';
import { simdRandom } from './random/simd.ts';
import { simdReduce } from './reduce/simd.ts';
import { simdRows } from './rows/simd.ts';
import { simdScan } from './scan/simd.ts';
import { simdSoftmax } from './softmax/simd.ts';
import { simdOrder } from './sort/simd.ts';

/** @param otherwise for other types than float32 */
export function simdKernels(machine: Machine, otherwise: Kernels<LinearBuffer>): Kernels<LinearBuffer> {
  return {
    ...otherwise,
    ...simdMatmul(machine, otherwise),
    ...simdPointwise(machine, otherwise),
    ...simdSoftmax(machine, otherwise),
    ...simdAttention(machine, otherwise),
    ...simdLayerNorm(machine, otherwise),
    ...simdCrossEntropy(machine, otherwise),
    ...simdReduce(machine, otherwise),
    ...simdScan(machine, otherwise),
    ...simdOrder(machine, otherwise),
    ...simdRows(machine, otherwise),
    ...simdRandom(machine, otherwise),
  };
}
