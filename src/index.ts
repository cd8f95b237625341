/**
 * hopgrad: tensors, gradients, routers and a transformer that learns which layers to skip. This entry runs anywhere;
 * `hopgrad/node` adds files and the command line.
 */
import './assemble.ts';

export { detectAnomaly } from './autograd/anomaly.ts';
export {
  type BackwardOptions,
  backward,
  grad,
  gradients,
  registerHook,
  type ScalarFunction,
  valueAndGrad,
} from './autograd/backward.ts';
export {
  type GradcheckFailure,
  type GradcheckOptions,
  type GradcheckReport,
  gradcheck,
} from './autograd/gradcheck.ts';
export { isGradEnabled, noGrad } from './autograd/mode.ts';
export type { Device, DType, TypedArray } from './device/device.ts';
export { flopsSoFar } from './device/flops.ts';
export { currentDevice, type DeviceReport, type UseDeviceOptions, useDevice } from './device/use-device.ts';
export * from './ops/index.ts';
export * from './tensor/create.ts';
export { OpError } from './tensor/errors.ts';
export { Random, type RandomState } from './tensor/random.ts';
export { type Nested, Tensor } from './tensor/tensor.ts';
