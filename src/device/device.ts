/**
 * A device: where numbers live and which kernels work on them. Adding one means implementing this interface over the
 * kernel contract; no op knows which device it runs on.
 */
import type { DType, Kernels, TypedArray } from '../../kernels/contract.ts';

export type { DType, TypedArray } from '../../kernels/contract.ts';

/** A handle to numbers on some device. What it is, only that device knows. */
export type Buffer = unknown;

export interface Device {
  readonly name: string;
  /** What really runs, in one line: where the numbers live and what computes. Shown in the report of `useDevice`. */
  readonly description: string;
  readonly kernels: Kernels<Buffer>;
  /** The element types this device knows. */
  readonly dtypes: readonly DType[];
  /** A buffer of `length` elements. Its contents are unspecified until a kernel or `upload` has written it. */
  allocate(dtype: DType, length: number): Buffer;
  upload(dtype: DType, data: TypedArray): Buffer;
  /** Reads at once, or throws where the device can only be read asynchronously (then use `read`). */
  readSync(buffer: Buffer, dtype: DType, length: number): TypedArray;
  read(buffer: Buffer, dtype: DType, length: number): Promise<TypedArray>;
  /** The library will not use this buffer again. A device with collected memory has nothing to do. */
  release(buffer: Buffer): void;
  /** Waits until all launched work is done; for timings. */
  synchronize(): Promise<void>;
}

/** Starts a device, or throws an Error whose message says what is missing. */
export type DeviceStarter = () => Promise<Device>;

export const bytesPerElement: Record<DType, number> = { float64: 8, float32: 4, int32: 4, bool: 1 };

/** A zeroed typed array of this dtype. */
export function typedArray(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'bool':
      return new Uint8Array(length);
  }
}
