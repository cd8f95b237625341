/** Making tensors. All are placed on the current device (see `useDevice`) unless an option says otherwise. */
import { bytesPerElement, type Device, type DType, type TypedArray, typedArray } from '../device/device.ts';
import { currentDevice } from '../device/use-device.ts';
import { OpError, shapeText } from './errors.ts';
import { Random } from './random.ts';
import { isExtents, type Shape, sizeOf } from './shape.ts';
import { type Nested, type Tensor, uploadTensor } from './tensor.ts';

export interface CreateOptions {
  /** Default float32; for a typed array, its own. */
  dtype?: DType;
  /** Default: the current device. */
  device?: Device;
  /** Whether gradients are to be collected in `.grad`. Default false. */
  requiresGrad?: boolean;
}

/** Memory for a tensor of a shape. @throws OpError unless shape and type exist */
function memory(op: string, shape: Shape, dtype: DType): TypedArray {
  if (!Array.isArray(shape) || !isExtents(shape)) {
    const given = Array.isArray(shape) ? shapeText(shape) : String(shape);
    throw new OpError(op, `${given} is no shape: give a list of whole numbers from 0 up, such as [2, 3]`);
  }
  if (!Object.hasOwn(bytesPerElement, dtype)) {
    throw new OpError(
      op,
      `there is no dtype '${dtype}': choose one of ${Object.keys(bytesPerElement).join(', ')}`,
    );
  }
  try {
    return typedArray(dtype, sizeOf(shape));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const bytes = sizeOf(shape) * bytesPerElement[dtype];
    throw new OpError(op, `${dtype} ${shapeText(shape)} needs ${bytes} bytes, which cannot be had at once`);
  }
}

/** Writes numbers as elements of a type; to bool everything but 0 is true. */
function fill(data: TypedArray, dtype: DType, value: (index: number) => number): TypedArray {
  for (let i = 0; i < data.length; i++) data[i] = dtype === 'bool' ? Number(value(i) !== 0) : value(i);
  return data;
}

function place(data: TypedArray, shape: Shape, dtype: DType, options: CreateOptions): Tensor {
  const device = options.device ?? currentDevice();
  // The caller may go on to change the list.
  const result = uploadTensor(data, [...shape], dtype, device);
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
  const data = fill(memory('tensor', shape, dtype), dtype, (i) => Number(flat[i]));
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
    if (Array.isArray(values)) {
      throw new OpError('tensor', `the lists are ragged: [${values}] stands where a number was expected`);
    }
    if (typeof values !== 'number' && typeof values !== 'boolean') {
      const given: unknown = values;
      const text = typeof given === 'string' ? `'${given}'` : String(given);
      throw new OpError('tensor', `takes nested lists of numbers or truth values, but found ${text}`);
    }
    into.push(values);
    return;
  }
  if (!Array.isArray(values) || values.length !== shape[axis]) {
    const found = Array.isArray(values) ? `a list of length ${values.length}` : String(values);
    throw new OpError(
      'tensor',
      `the lists are ragged: along axis ${axis} stand lists of length ${shape[axis]}, but also ${found}`,
    );
  }
  for (const value of values) flatten(value, shape, axis + 1, into);
}

function isTypedArray(values: unknown): values is TypedArray {
  return ArrayBuffer.isView(values) && !(values instanceof DataView);
}

/** A tensor of a shape over a copy of a typed array; Uint8Array makes bool. */
export function fromTypedArray(data: TypedArray, shape: Shape, options: CreateOptions = {}): Tensor {
  const own = dtypeOf(data);
  const dtype = options.dtype ?? own;
  const elements = memory('fromTypedArray', shape, dtype);
  if (elements.length !== data.length) {
    throw new OpError(
      'fromTypedArray',
      `${data.length} elements do not fill ${shapeText(shape)}, which has ${elements.length}`,
    );
  }
  if (dtype === own && dtype !== 'bool') elements.set(data);
  else fill(elements, dtype, (i) => data[i]);
  return place(elements, shape, dtype, options);
}

function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint8Array) return 'bool';
  const given = Object.prototype.toString.call(data).slice('[object '.length, -1);
  throw new OpError(
    'fromTypedArray',
    `no dtype stores a ${given}: convert it to Float32Array, Float64Array, Int32Array or Uint8Array (bool)`,
  );
}

export function full(shape: Shape, value: number, options: CreateOptions = {}): Tensor {
  return filled('full', shape, value, options);
}

function filled(op: string, shape: Shape, value: number, options: CreateOptions): Tensor {
  const dtype = options.dtype ?? 'float32';
  const data = fill(memory(op, shape, dtype), dtype, () => value);
  return place(data, shape, dtype, options);
}

export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled('zeros', shape, 0, options);
}

export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled('ones', shape, 1, options);
}

/** start, start + 1, …: `count` numbers. Default start 0. */
export function arange(
  count: number,
  { start = 0, ...options }: CreateOptions & { start?: number } = {},
): Tensor {
  const dtype = options.dtype ?? 'float32';
  const data = fill(memory('arange', [count], dtype), dtype, (i) => start + i);
  return place(data, [count], dtype, options);
}

/** The identity matrix (n, n). */
export function eye(n: number, options: CreateOptions = {}): Tensor {
  const dtype = options.dtype ?? 'float32';
  const data = memory('eye', [n, n], dtype);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return place(data, [n, n], dtype, options);
}

/** Draws on the host, so that a seed gives the same numbers on every device. */
function drawn(
  op: string,
  shape: Shape,
  random: Random,
  options: CreateOptions,
  draw: (random: Random, data: Float32Array | Float64Array) => void,
): Tensor {
  const dtype = options.dtype ?? 'float32';
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new OpError(op, `cannot draw ${dtype}: choose float32 or float64`);
  const data = memory(op, shape, dtype) as Float32Array | Float64Array;
  if (!(random instanceof Random)) {
    throw new OpError(op, `takes a random generator second, not ${String(random)}; pass new Random(seed)`);
  }
  draw(random, data);
  return place(data, shape, dtype, options);
}

/** Standard normal numbers. */
export function randn(shape: Shape, random: Random, options: CreateOptions = {}): Tensor {
  return drawn('randn', shape, random, options, (source, data) => source.fillNormal(data));
}

/** Uniform numbers between 0 and 1, never either. */
export function rand(shape: Shape, random: Random, options: CreateOptions = {}): Tensor {
  return drawn('rand', shape, random, options, (source, data) => source.fillUniform(data));
}
