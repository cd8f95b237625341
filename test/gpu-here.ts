/** Whether there is a GPU to test on, and which. Node's tests are told by their setup, pages by their configuration. */
import { inject } from 'vitest';
import type { GlMode } from '../src/device/gpujs.ts';

export interface GpuHere {
  available: boolean;
  mode: GlMode;
}

declare module 'vitest' {
  interface ProvidedContext {
    gpu: GpuHere;
  }
}

export const gpuHere: GpuHere = inject('gpu') ?? { available: false, mode: 'headlessgl' };
