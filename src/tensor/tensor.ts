/**
 * A tensor: immutable numbers in a shape. It is a view of a storage through strides and an offset (in elements), so
 * transposing, slicing and expanding copy nothing. The ops are methods too; src/assemble.ts puts them here.
 */
import { type Buffer, type Device, type DType, type TypedArray, typedArray } from '../device/device.ts';
import { Storage } from '../device/storage.ts';
import { contiguousCopy } from './contiguous.ts';
import { OpError, shapeText } from './errors.ts';
import { GraphNode } from './graph-node.ts';
import { formatTensor } from './print.ts';
import { contiguousStrides, isContiguous, type Shape, sameShape, sizeOf } from './shape.ts';

/** Nested lists of numbers, as deep as the tensor's rank; a scalar is a bare number. */
export type Nested = number | Nested[];

export class Tensor {
  readonly storage: Storage;
  readonly shape: Shape;
  /** How many elements to step in the storage per step along each axis; 0 along an expanded axis. */
  readonly strides: readonly number[];
  readonly offset: number;
  /** Number of elements. */
  readonly size: number;
  #grad: Tensor | null = null;
  /** How this tensor was made, where gradients flow through it. */
  node: GraphNode<Tensor> | null = null;

  /** Library code makes tensors here; users call `tensor`, `zeros`, … */
  constructor(
    storage: Storage,
    shape: Shape,
    strides: readonly number[] = contiguousStrides(shape),
    offset = 0,
  ) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.size = sizeOf(shape);
  }

  get dtype(): DType {
    return this.storage.dtype;
  }

  get device(): Device {
    return this.storage.device;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** The device's handle; computes a pending result first. */
  get buffer(): Buffer {
    return this.storage.buffer;
  }

  /** Whether the elements stand in reading order without gaps. */
  get isContiguous(): boolean {
    return isContiguous(this.shape, this.strides);
  }

  /** Whether this tensor is its whole storage, in reading order. */
  get isWhole(): boolean {
    return this.offset === 0 && this.size === this.storage.length && this.isContiguous;
  }

  /** Whether gradients flow to this tensor. Set it on a leaf (a tensor no op made) to train it. */
  get requiresGrad(): boolean {
    return this.node !== null;
  }

  set requiresGrad(wanted: boolean) {
    if (!this.isLeaf)
      throw new OpError('requiresGrad', 'only a leaf can be switched; use detach() to stop gradients');
    if (wanted && this.dtype !== 'float32' && this.dtype !== 'float64') {
      throw new OpError(
        'requiresGrad',
        `only floating tensors have gradients, not ${this.dtype}; convert it with .to('float32') first`,
      );
    }
    if (wanted !== this.requiresGrad)
      this.node = wanted ? new GraphNode<Tensor>('leaf', [], null, this) : null;
  }

  /** The gradient that `backward()` has accumulated here; null before, and in tensors that are not leaves. */
  get grad(): Tensor | null {
    return this.#grad;
  }

  set grad(gradient: Tensor | null) {
    // Held, so that it outlives a scope that `backward` ran in.
    gradient?.storage.retain();
    this.#grad?.storage.release();
    this.#grad = gradient;
  }

  /** Whether no recorded op made this tensor. */
  get isLeaf(): boolean {
    return this.node === null || this.node.leaf !== null;
  }

  /** The elements in reading order, read at once. Throws on a device that can only be read with `await data()`. */
  toTypedArray(): TypedArray {
    const whole = contiguousCopy(this);
    return this.device.readSync(whole.buffer, this.dtype, this.size);
  }

  /** The elements in reading order; works on every device. */
  async data(): Promise<TypedArray> {
    const whole = contiguousCopy(this);
    return this.device.read(whole.buffer, this.dtype, this.size);
  }

  /** The elements as nested lists. */
  toArray(): Nested {
    return nest(this.toTypedArray(), this.shape, 0, 0);
  }

  /** The value of a tensor with one element. */
  item(): number {
    if (this.size !== 1) {
      throw new OpError(
        'item',
        `needs exactly one element, but shape ${shapeText(this.shape)} has ${this.size}`,
      );
    }
    return this.toTypedArray()[0];
  }

  /**
   * Puts other values in place of this tensor's own: for optimizers and loading, never for model code. Graphs that
   * saved the old values refuse to run backward afterwards.
   */
  assign(values: Tensor): void {
    if (!(values instanceof Tensor)) throw new OpError('assign', 'takes (values: Tensor), and this is none');
    if (!this.isWhole)
      throw new OpError('assign', 'a view cannot take other values; assign to the tensor it shows');
    const { shape, dtype, device } = values;
    if (!sameShape(shape, this.shape) || dtype !== this.dtype || device !== this.device) {
      throw new OpError(
        'assign',
        `${dtype} ${shapeText(shape)} on ${device.name} does not fit ` +
          `${this.dtype} ${shapeText(this.shape)} on ${this.device.name}: shape, dtype and device must be this tensor's`,
      );
    }
    const copy = contiguousCopy(values);
    this.storage.replace(copy.storage.contents);
    if (copy.storage !== values.storage) copy.storage.free();
  }

  toString(): string {
    return formatTensor(this);
  }
}

function nest(data: TypedArray, shape: Shape, axis: number, start: number): Nested {
  if (axis === shape.length) return data[start];
  const step = sizeOf(shape.slice(axis + 1));
  return Array.from({ length: shape[axis] }, (_, i) => nest(data, shape, axis + 1, start + i * step));
}

/** @throws OpError when the device does not know this type. */
function requireDType(device: Device, dtype: DType): void {
  if (device.dtypes.includes(dtype)) return;
  throw new OpError(
    'tensor',
    `the device ${device.name} has no ${dtype}; it has ${device.dtypes.join(', ')}`,
  );
}

/** A new tensor for a kernel to fill. */
export function emptyTensor(shape: Shape, dtype: DType, device: Device): Tensor {
  requireDType(device, dtype);
  const size = sizeOf(shape);
  return new Tensor(new Storage(device, dtype, size, { buffer: device.allocate(dtype, size) }), shape);
}

/** A tensor over a copy of host data. */
export function uploadTensor(data: TypedArray, shape: Shape, dtype: DType, device: Device): Tensor {
  requireDType(device, dtype);
  const buffer = device.upload(dtype, data);
  return new Tensor(new Storage(device, dtype, data.length, { buffer }), shape);
}

/** Zeros, made by upload: every device can. */
export function zerosTensor(shape: Shape, dtype: DType, device: Device): Tensor {
  return uploadTensor(typedArray(dtype, sizeOf(shape)), shape, dtype, device);
}
