/** Bringing a view's elements into reading order, below autograd. */
import { input } from '../../kernels/pointwise/expression.ts';
import { compile } from '../../kernels/pointwise/program.ts';
import type { Buffer, Device, DType } from '../device/device.ts';
import { Storage } from '../device/storage.ts';
import { contiguousStrides, type Shape } from './shape.ts';

/** A tensor as far as copying needs it. */
interface Viewed {
  readonly storage: Storage;
  readonly buffer: Buffer;
  readonly device: Device;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly size: number;
  readonly isWhole: boolean;
}

/** The same values as a whole storage of their own: itself where it already is one. */
export function contiguousCopy(x: Viewed): {
  buffer: Buffer;
  storage: Storage;
  size: number;
  dtype: DType;
  device: Device;
} {
  if (x.isWhole) return x;
  const { device, dtype, shape, size } = x;
  const buffer = device.allocate(dtype, size);
  if (size > 0) {
    const out = { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
    device.kernels.pointwise(compile(input(0), 1, 0), [x], [], out);
  }
  const storage = new Storage(device, dtype, size, { buffer });
  return { buffer, storage, size, dtype, device };
}
