/** Every device that comes with the library, by the name `useDevice` takes. Nothing here runs before it is asked for. */
import { cpu } from './cpu.ts';
import type { DeviceStarter } from './device.ts';
import { startGpu } from './gpu.ts';
import { reference } from './reference.ts';

export const deviceStarters: Readonly<Record<string, DeviceStarter>> = {
  cpu: async () => cpu,
  reference: async () => reference,
  gpu: () => startGpu(),
};
