/** The reference device: typed arrays on the JavaScript heap, plain loops, memory left to the garbage collector. */
import type { Kernels, TypedArray } from '../../kernels/contract.ts';
import { reference as kernels } from '../../kernels/reference.ts';
import { type Buffer, type Device, typedArray } from './device.ts';

export function referenceDevice(name: string, description: string): Device {
  return {
    name,
    description,
    kernels: kernels as Kernels<unknown> as Kernels<Buffer>,
    dtypes: ['float32', 'float64', 'int32', 'bool'],
    allocate: typedArray,
    upload: (_dtype, data) => data.slice(),
    readSync: (buffer) => (buffer as TypedArray).slice(),
    read: async (buffer) => (buffer as TypedArray).slice(),
    release: () => {},
    synchronize: async () => {},
  };
}

export const reference: Device = referenceDevice('reference', 'plain JavaScript loops: the specification');
