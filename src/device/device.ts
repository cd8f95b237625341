/**
 * A device: where numbers live and which kernels work on them. Adding one means implementing this interface over the
 * kernel contract; no op knows which device it runs on.
 */
import type { DType, Kernels, TypedArray } from '../../kernels/contract.ts';

export type { DType, TypedArray } from '../../kernels/contract.ts';

/** A handle to numbers on some device. What it is, only that device knows. */
export type Buffer = unknown;

/** What can be chosen about how a device works. */
export interface DeviceOptions {
  /**
   * How many threads compute, this one included. `cpu` begins with as many as the processor has, at most 8. Results do
   * not depend on it.
   */
  threads?: number;
  /**
   * Whether V8 may join vectors of 128 bits into 256 (Node 24 to 26): `cpu` then runs twice as fast, with the same results. It
   * sets a flag of the whole process, and is refused where a test of every kernel fails. Default false.
   */
  wide?: boolean;
  /** Whether a product and a sum may be rounded together. Results then depend on the machine. Default false. */
  fast?: boolean;
}

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
  /** The library will not release this buffer: a device whose memory is not collected must see to it itself. */
  leaveToCollector?(buffer: Buffer): void;
  /** A moment at which no kernel runs: what has been left to the collector may be moved about. */
  makeRoom?(): void;
  /** Takes options; those that are left out stay as they are. @throws Error that names a bad one, and what would do */
  configure?(options: DeviceOptions): Promise<void> | void;
  /** Waits for what starts in the background; without it a device works, but maybe not with all its threads. */
  ready?(): Promise<void>;
  /** What draws, in its own words: of a GPU its name, or that of the software in its place. */
  readonly renderer?: string;
  /** How much there can be of what, where that is not much. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Whether the system has taken the device away, with everything that stood on it. */
  readonly isLost?: boolean;
  /** What has been done since the device was started, where it is worth counting. */
  counters?(): Counters;
  /** Waits until all launched work is done; for timings. */
  synchronize(): Promise<void>;
}

/** What a device with a memory of its own has done. */
export interface Counters {
  /** Kernels run. */
  launches: number;
  /** Buffers that went to the device, and that came back. */
  uploads: number;
  readbacks: number;
  /** Kernels compiled. */
  compiled: number;
  /** Textures that are there, in use or waiting, and their bytes. */
  textures: number;
  textureBytes: number;
}

/** A device's memory is full. */
export class OutOfMemory extends Error {}

/** The system has taken a device away, with everything that stood on it. Start it again, and load what was saved. */
export class DeviceLost extends Error {}

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
