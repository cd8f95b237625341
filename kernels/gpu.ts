/** The GPU dialect: GLSL for gpu.js, float32. What it does not do is left to the kernels handed over. */
import { gpuAttention } from './attention/gpu.ts';
import type { Kernels } from './contract.ts';
import { gpuCrossEntropy } from './cross-entropy/gpu.ts';
import type { GpuBuffer, GpuMachine } from './glsl/kernel.ts';
import { gpuLayerNorm } from './layer-norm/gpu.ts';
import { gpuMatmul } from './matmul/gpu.ts';
import { gpuPointwise } from './pointwise/gpu.ts';
import { gpuRandom } from './random/gpu.ts';
import { gpuReduce } from './reduce/gpu.ts';
import { gpuRows } from './rows/gpu.ts';
import { gpuScan } from './scan/gpu.ts';
import { gpuSoftmax } from './softmax/gpu.ts';
import { gpuOrder } from './sort/gpu.ts';

/** @param otherwise the reference on the host, for integer arithmetic and what does not pay on a GPU */
export function gpuKernels(machine: GpuMachine, otherwise: Kernels<GpuBuffer>): Kernels<GpuBuffer> {
  return {
    ...otherwise,
    ...gpuMatmul(machine, otherwise),
    ...gpuPointwise(machine, otherwise),
    ...gpuSoftmax(machine),
    ...gpuAttention(machine, otherwise),
    ...gpuLayerNorm(machine),
    ...gpuCrossEntropy(machine),
    ...gpuReduce(machine, otherwise),
    ...gpuScan(machine, otherwise),
    ...gpuOrder(machine, otherwise),
    ...gpuRows(machine, otherwise),
    ...gpuRandom(machine, otherwise),
  };
}
