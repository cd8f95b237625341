/** The CPU device: typed arrays on the JavaScript heap, reference kernels, memory left to the garbage collector. */
import type { Kernels, TypedArray } from '../../kernels/contract.ts';
import { reference } from '../../kernels/reference.ts';
import { type Buffer, type Device, typedArray } from './device.ts';

export const cpu: Device = {
  name: 'cpu',
  description: 'reference kernels in plain JavaScript',
  kernels: reference as Kernels<unknown> as Kernels<Buffer>,
  dtypes: ['float32', 'float64', 'int32', 'bool'],
  allocate: typedArray,
  upload: (_dtype, data) => data.slice(),
  readSync: (buffer) => (buffer as TypedArray).slice(),
  read: async (buffer) => (buffer as TypedArray).slice(),
  release: () => {},
  synchronize: async () => {},
};
