/** Every device that comes with the library, by the name `useDevice` takes. Nothing here runs before it is asked for. */
import { cpu } from './cpu.ts';
import type { DeviceStarter } from './device.ts';
import { startGpu, startGpuJs } from './gpu.ts';
import { startWasm } from './wasm.ts';

export const deviceStarters: Readonly<Record<string, DeviceStarter>> = {
  cpu: async () => cpu,
  wasm: startWasm,
  gpu: startGpu,
  'gpujs-webasm': () => startGpuJs('webasm'),
  'gpujs-cpu': () => startGpuJs('cpu'),
};
