/**
 * The GPU device: WebGL through gpu.js, in Node (headless-gl) and in browsers. Numbers stay in textures
 * between kernels.
 */

import type { Kernels, TypedArray } from '../../kernels/contract.ts';
import type { GpuBuffer } from '../../kernels/glsl/kernel.ts';
import { gpuKernels } from '../../kernels/gpu.ts';
import { borrowedKernels } from './borrowed.ts';
import type { Buffer, Device } from './device.ts';
import { GlMachine } from './gpu-machine.ts';
import { GlContext, type GlMode, loadGpuJs } from './gpujs.ts';

const names: Record<GlMode, string> = {
  headlessgl: 'WebGL 1 (headless-gl)',
  webgl2: 'WebGL 2',
  webgl: 'WebGL 1',
};

/**
 * The first of these modes that runs here.
 *
 * @throws Error that says for each what is missing
 */
export async function startGpu(modes?: readonly GlMode[]): Promise<Device> {
  const library = await loadGpuJs();
  const inPage = 'document' in globalThis || 'OffscreenCanvas' in globalThis;
  const reasons: string[] = [];
  for (const mode of modes ?? (inPage ? (['webgl2', 'webgl'] as const) : (['headlessgl'] as const))) {
    try {
      return gpuDevice(new GlMachine(GlContext.open(library, mode)));
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(reasons.join('; '));
}

export function gpuDevice(machine: GlMachine): Device {
  const { context } = machine;
  const read = (buffer: Buffer): TypedArray => machine.host(buffer as GpuBuffer).slice();
  return {
    name: 'gpu',
    description: `${names[context.mode]} through gpu.js on ${context.renderer}`,
    renderer: context.renderer,
    limits: { 'rows of a texture': context.mostRows, 'elements of a tensor': machine.mostElements },
    kernels: attempted(
      machine,
      gpuKernels(machine, hostKernels(machine)),
    ) as Kernels<unknown> as Kernels<Buffer>,
    dtypes: ['float32', 'int32', 'bool'],
    allocate: (dtype, length) => machine.allocate(dtype, length),
    upload: (dtype, data) => machine.over(dtype, data.slice()),
    readSync: read,
    read: async (buffer) => read(buffer),
    release: (buffer) => machine.release(buffer as GpuBuffer),
    makeRoom: () => machine.makeRoom(),
    leaveToCollector: (buffer) => machine.leaveToCollector(buffer as GpuBuffer),
    counters: () => ({ ...machine.counters }),
    get isLost() {
      return context.isLost;
    },
    synchronize: async () => context.finish(),
  };
}

/** The reference on the host: what the dialect leaves to others. */
export function hostKernels(machine: GlMachine): Kernels<GpuBuffer> {
  return borrowedKernels<GpuBuffer>({
    read: (buffer) => machine.host(buffer).slice(),
    write: (buffer, numbers) => machine.write(buffer, numbers),
  });
}

/** Kernels that leave nothing behind where they break off. */
function attempted(machine: GlMachine, kernels: Kernels<GpuBuffer>): Kernels<GpuBuffer> {
  const wrapped = Object.entries(kernels).map(([name, kernel]) => [
    name,
    (...args: unknown[]) => machine.attempt(() => (kernel as (...args: unknown[]) => void)(...args)),
  ]);
  return Object.fromEntries(wrapped) as Kernels<GpuBuffer>;
}
