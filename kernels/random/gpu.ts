/** Random numbers are made on the host: they need integers of 32 bits and float64, and WebGL 1 has neither. */
import type { Kernels } from '../contract.ts';
import type { GpuBuffer, GpuMachine } from '../glsl/kernel.ts';
import { sizeOf } from '../strides.ts';
import { gumbel } from './reference.ts';

type RandomKernels = Pick<Kernels<GpuBuffer>, 'gumbel'>;

/** @param otherwise for float64 */
export function gpuRandom(machine: GpuMachine, otherwise: RandomKernels): RandomKernels {
  return {
    gumbel: (key0, key1, position, out) => {
      if (out.dtype !== 'float32') return otherwise.gumbel(key0, key1, position, out);
      const { dtype, shape, strides, offset } = out;
      const noise = new Float32Array(sizeOf(shape));
      gumbel(key0, key1, position, { buffer: noise, dtype, shape, strides, offset });
      machine.write(out.buffer, noise);
    },
  };
}
