/**
 * A storage owns the numbers behind one or more tensors. They are either there, in a buffer, or still pending: a
 * pointwise program that nobody has needed yet, so that the next pointwise op can absorb it (see fusion.ts).
 *
 * Two counts decide how long numbers live. A storage is *held* by the tape, by `.grad` and by whoever calls `retain`:
 * held storages outlive the scope they were made in (see scope.ts). A buffer is *owned* by storages and pending
 * programs (see shared-buffer.ts): it goes back to the device with its last owner.
 */
import type { Buffer, Device, DType } from './device.ts';
import { type Pending, run, type Source } from './fusion.ts';
import { openScope, type Scope, type Scoped } from './scope.ts';
import { SharedBuffer } from './shared-buffer.ts';

export class Storage implements Source, Scoped {
  readonly device: Device;
  readonly dtype: DType;
  readonly length: number;
  /** Counts replacements of the contents, so that a graph can tell that what it saved has changed. */
  version = 0;
  #pending: Pending | null;
  #contents: SharedBuffer | null;
  #scope: Scope | null = null;
  #holds = 0;
  /** Whether nobody may ever free it: see `Device.leaveToCollector`. */
  #collected = false;
  #outlived = false;

  constructor(
    device: Device,
    dtype: DType,
    length: number,
    contents: { buffer: Buffer } | { pending: Pending },
  ) {
    this.device = device;
    this.dtype = dtype;
    this.length = length;
    this.#contents = 'buffer' in contents ? new SharedBuffer(device, contents.buffer) : null;
    this.#pending = 'pending' in contents ? contents.pending : null;
    const scope = openScope();
    if (!scope) device.makeRoom?.();
    this.moveTo(scope);
  }

  /** The program that will make the contents; null once they are there. */
  get pending(): Pending | null {
    return this.#pending;
  }

  /** The buffer, to be shared with another owner; computes it first if it is pending. */
  get contents(): SharedBuffer {
    if (this.#pending) {
      this.#contents = new SharedBuffer(
        this.device,
        run(this.device, this.dtype, this.length, this.#pending),
      );
      if (this.#collected) this.#contents.leaveToCollector();
      for (const source of this.#pending.sources) source.release();
      this.#pending = null;
    }
    if (!this.#contents) {
      throw new Error(
        'storage: these numbers were made inside a scope (a training step, an evaluation) that has ended; ' +
          'read them inside it, or hold them with tensor.storage.retain()',
      );
    }
    return this.#contents;
  }

  get buffer(): Buffer {
    return this.contents.buffer;
  }

  /** Computes a pending result now. */
  settle(): void {
    this.contents;
  }

  /**
   * The buffer for new contents that a kernel is about to compute, element by element, from the old ones: the same where
   * nobody else owns it, otherwise a fresh one. Take the old `buffer` before; whoever shares it keeps it alive.
   */
  rewrite(): Buffer {
    const old = this.contents;
    if (old.isShared) {
      const fresh = new SharedBuffer(this.device, this.device.allocate(this.dtype, this.length));
      if (this.#collected) fresh.leaveToCollector();
      this.#contents = fresh;
      old.release();
    }
    this.version++;
    return this.buffer;
  }

  /** Shows another buffer in place of the contents. Like `rewrite`, for optimizers and loading, not for ops. */
  replace(contents: SharedBuffer): void {
    const next = contents.share();
    this.free();
    this.#contents = next;
    if (this.#collected) next.leaveToCollector();
    this.version++;
  }

  /** Holds this storage: it outlives the scope it was made in. */
  retain(): void {
    this.#holds++;
  }

  /** Undoes one `retain`. What outlived its scope is left to the scope now open, or to the garbage collector. */
  release(): void {
    if (--this.#holds > 0 || !this.#outlived) return;
    this.#outlived = false;
    this.moveTo(openScope());
  }

  get held(): boolean {
    return this.#holds > 0;
  }

  get scope(): Scope | null {
    return this.#scope;
  }

  moveTo(scope: Scope | null): void {
    this.#scope = scope;
    if (scope) scope.add(this);
    else if (!this.#collected) this.#leaveToCollector();
  }

  outlive(): void {
    this.#outlived = true;
    this.moveTo(null);
  }

  #leaveToCollector(): void {
    this.#collected = true;
    if (this.#pending) for (const source of this.#pending.sources) source.leaveToCollector();
    this.#contents?.leaveToCollector();
  }

  /** Lets go of the buffer, or of the buffers a pending program would have read. */
  free(): void {
    if (this.#pending) for (const source of this.#pending.sources) source.release();
    this.#contents?.release();
    this.#pending = null;
    this.#contents = null;
  }
}
