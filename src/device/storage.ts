/**
 * A storage owns the numbers behind one or more tensors. They are either there, in a buffer, or still pending: a
 * pointwise program that nobody has needed yet, so that the next pointwise op can absorb it (see fusion.ts).
 */
import type { Buffer, Device, DType } from './device.ts';
import { type Pending, run, type Source } from './fusion.ts';
import { adopt } from './scope.ts';

export class Storage implements Source {
  readonly device: Device;
  readonly dtype: DType;
  readonly length: number;
  /** Counts replacements of the contents, so that a graph can tell that what it saved has changed. */
  version = 0;
  pending: Pending | null;
  #buffer: Buffer | null;
  #holds = 0;

  constructor(
    device: Device,
    dtype: DType,
    length: number,
    contents: { buffer: Buffer } | { pending: Pending },
  ) {
    this.device = device;
    this.dtype = dtype;
    this.length = length;
    this.#buffer = 'buffer' in contents ? contents.buffer : null;
    this.pending = 'pending' in contents ? contents.pending : null;
    adopt(this);
  }

  /** The buffer; computes it first if it is pending. */
  get buffer(): Buffer {
    if (this.pending) {
      const pending = this.pending;
      this.pending = null;
      this.#buffer = run(this.device, this.dtype, this.length, pending);
      for (const storage of pending.storages) storage.release();
    }
    if (this.#buffer === null)
      throw new Error('storage: read after its memory was released (a bug in hopgrad)');
    return this.#buffer;
  }

  /** Computes a pending result now. */
  settle(): void {
    this.buffer;
  }

  /** Puts another buffer in place of the contents: the one way in which values change, kept to optimizers. */
  replace(buffer: Buffer): void {
    const old = this.buffer;
    this.#buffer = buffer;
    this.version++;
    if (this.#holds === 0) this.device.release(old);
  }

  /** The tape, a pending program or a kept tensor holds this storage: it outlives the scope it was made in. */
  retain(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
  }

  get held(): boolean {
    return this.#holds > 0;
  }

  /** Gives the memory back to the device. */
  free(): void {
    if (this.pending) for (const storage of this.pending.storages) storage.release();
    else if (this.#buffer !== null) this.device.release(this.#buffer);
    this.pending = null;
    this.#buffer = null;
  }
}
