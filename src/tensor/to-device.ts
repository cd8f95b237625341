/** Moving a tensor to another device. */
import type { Device } from '../device/device.ts';
import { OpError } from './errors.ts';
import { type Tensor, uploadTensor } from './tensor.ts';

/**
 * The same values on a device, read from the one and uploaded to the other; x itself where it is there already.
 * Gradients do not flow between devices: a leaf becomes a leaf of its own, with its `requiresGrad` and without its
 * `.grad`.
 *
 * @throws OpError if x is the result of a recorded op, or the device has no such type
 */
export async function toDevice(x: Tensor, device: Device): Promise<Tensor> {
  if (x.device === device) return x;
  if (!x.isLeaf) {
    throw new OpError(
      'toDevice',
      `gradients do not flow from ${device.name} back to ${x.device.name}; move the leaves before computing`,
      'toDevice(x.detach(), device)',
    );
  }
  if (!device.dtypes.includes(x.dtype)) {
    throw new OpError(
      'toDevice',
      `the device ${device.name} has no ${x.dtype}; it has ${device.dtypes.join(', ')}`,
      "x.to('float32')",
    );
  }
  const moved = uploadTensor(await x.data(), x.shape, x.dtype, device);
  moved.requiresGrad = x.requiresGrad;
  return moved;
}
