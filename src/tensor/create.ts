/** Making tensors. All are placed on the current device (see `useDevice`) unless an option says otherwise. */
import { type Device, type DType, type TypedArray, typedArray } from '../device/device.ts';
import { currentDevice } from '../device/use-device.ts';
import { OpError, shapeText } from './errors.ts';
import type { Random } from './random.ts';
import { type Shape, sizeOf } from './shape.ts';
import { type Nested, type Tensor, uploadTensor } from './tensor.ts';

export interface CreateOptions {
  /** Default float32; for a typed array, its own. */
  dtype?: DType;
  /** Default: the current device. */
  device?: Device;
  /** Whether gradients are to be collected in `.grad`. Default false. */
  requiresGrad?: boolean;
}

function place(data: TypedArray, shape: Shape, dtype: DType, options: CreateOptions): Tensor {
  const device = options.device ?? currentDevice();
  const result = uploadTensor(data, shape, dtype, device);
  if (options.requiresGrad) result.requiresGrad = true;
  return result;
}

/** A tensor from nested lists of numbers (or booleans), or from a typed array as one axis. Copies. */
export function tensor(
  values: Nested | boolean | TypedArray | NestedValues,
  options: CreateOptions = {},
): Tensor {
  if (isTypedArray(values)) return fromTypedArray(values, [values.length], options);
  const shape = shapeOf(values, []);
  const flat: (number | boolean)[] = [];
  flatten(values, shape, 0, flat);
  const dtype =
    options.dtype ??
    (flat.length > 0 && flat.every((value) => typeof value === 'boolean') ? 'bool' : 'float32');
  const data = typedArray(dtype, flat.length);
  flat.forEach((value, i) => {
    data[i] = Number(value);
  });
  return place(data, shape, dtype, options);
}

/** Nested lists of numbers or truth values. */
export type NestedValues = number | boolean | readonly NestedValues[];

function shapeOf(values: NestedValues, shape: number[]): number[] {
  if (!Array.isArray(values)) return shape;
  shape.push(values.length);
  return values.length > 0 ? shapeOf(values[0], shape) : shape;
}

function flatten(values: NestedValues, shape: Shape, axis: number, into: (number | boolean)[]): void {
  if (axis === shape.length) {
    if (typeof values !== 'number' && typeof values !== 'boolean') {
      throw new OpError(
        'tensor',
        `the lists are ragged: ${JSON.stringify(values)} stands where a number was expected`,
      );
    }
    into.push(values);
    return;
  }
  if (!Array.isArray(values) || values.length !== shape[axis]) {
    const found = Array.isArray(values) ? `${values.length} entries` : String(values);
    throw new OpError(
      'tensor',
      `the lists are ragged: axis ${axis} has ${shape[axis]} entries in one place and ${found} in another`,
    );
  }
  for (const value of values) flatten(value, shape, axis + 1, into);
}

function isTypedArray(values: unknown): values is TypedArray {
  return ArrayBuffer.isView(values) && !(values instanceof DataView);
}

/** A tensor of a shape over a copy of a typed array; Uint8Array makes bool. */
export function fromTypedArray(data: TypedArray, shape: Shape, options: CreateOptions = {}): Tensor {
  if (sizeOf(shape) !== data.length) {
    throw new OpError(
      'fromTypedArray',
      `${data.length} elements do not fill ${shapeText(shape)} (${sizeOf(shape)})`,
    );
  }
  const own = dtypeOf(data);
  const dtype = options.dtype ?? own;
  if (dtype === own) return place(data, shape, dtype, options);
  const converted = typedArray(dtype, data.length);
  data.forEach((value, i) => {
    converted[i] = dtype === 'bool' ? Number(value !== 0) : value;
  });
  return place(converted, shape, dtype, options);
}

function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  return data instanceof Int32Array ? 'int32' : 'bool';
}

export function full(shape: Shape, value: number, options: CreateOptions = {}): Tensor {
  const dtype = options.dtype ?? 'float32';
  return place(typedArray(dtype, checkedSize(shape)).fill(value), shape, dtype, options);
}

function checkedSize(shape: Shape): number {
  if (shape.every((extent) => Number.isInteger(extent) && extent >= 0)) return sizeOf(shape);
  throw new OpError(
    'shape',
    `${shapeText(shape)} is no shape: every extent must be a whole number from 0 up`,
  );
}

export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 0, options);
}

export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return full(shape, 1, options);
}

/** start, start + 1, …: `count` numbers. Default start 0. */
export function arange(
  count: number,
  { start = 0, ...options }: CreateOptions & { start?: number } = {},
): Tensor {
  const dtype = options.dtype ?? 'float32';
  return place(
    typedArray(dtype, count).map((_: number, i: number) => start + i) as TypedArray,
    [count],
    dtype,
    options,
  );
}

/** The identity matrix (n, n). */
export function eye(n: number, options: CreateOptions = {}): Tensor {
  const dtype = options.dtype ?? 'float32';
  const data = typedArray(dtype, n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return place(data, [n, n], dtype, options);
}

/** Draws on the host, so that a seed gives the same numbers on every device. */
function drawn(
  shape: Shape,
  options: CreateOptions,
  fill: (data: Float32Array | Float64Array) => void,
): Tensor {
  const dtype = options.dtype ?? 'float32';
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new OpError('random', `cannot draw ${dtype}; choose float32 or float64`);
  const data = typedArray(dtype, checkedSize(shape)) as Float32Array | Float64Array;
  fill(data);
  return place(data, shape, dtype, options);
}

/** Standard normal numbers. */
export function randn(shape: Shape, random: Random, options: CreateOptions = {}): Tensor {
  return drawn(shape, options, (data) => random.fillNormal(data));
}

/** Uniform numbers between 0 and 1, never either. */
export function rand(shape: Shape, random: Random, options: CreateOptions = {}): Tensor {
  return drawn(shape, options, (data) => random.fillUniform(data));
}
