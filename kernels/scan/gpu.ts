/**
 * Running sums and products as GLSL. After a pass with step s every element holds the total of the 8 s up to it, so that
 * p = ⌈log₈ n⌉ passes do for rows of n. Sums are within 7 p · 2⁻²⁴ · Σ |x| over what is summed, a product of i numbers
 * within i · 2⁻²⁴ of its size unless it leaves float32 on the way.
 */
import type { Kernels } from '../contract.ts';
import { type GpuBuffer, type GpuMachine, kernelFamily, texelFromElements } from '../glsl/kernel.ts';

/** How many totals a pass takes together. */
const RADIX = 8;

/** @param otherwise for other types than float32 */
export function gpuScan(
  machine: GpuMachine,
  otherwise: Kernels<GpuBuffer>,
): Pick<Kernels<GpuBuffer>, 'scan'> {
  return {
    scan: (kind, x, out) => {
      if (out.dtype !== 'float32') return otherwise.scan(kind, x, out);
      const columns = x.shape[x.shape.length - 1];
      machine.run(scanKernel(kind), [x.buffer], [x.offset, columns, 1], out.buffer);
      for (let step = RADIX; step < columns; step *= RADIX) {
        machine.run(scanKernel(kind), [out.buffer], [0, columns, step], out.buffer);
      }
    },
  };
}

const scanKernel = kernelFamily('scan', (kind: 'sum' | 'prod') => ({
  textures: ['x'],
  numbers: ['offset', 'columns', 'step'],
  code: `
float running(float e) {
  float column = divide(e, n_columns).y;
  float total = x_at(n_offset + e);
  for (int k = 1; k < ${RADIX}; k++) {
    float back = float(k) * n_step;
    if (back > column) break;
    total ${kind === 'sum' ? '+=' : '*='} x_at(n_offset + e - back);
  }
  return total;
}
${texelFromElements('running')}`,
}));
