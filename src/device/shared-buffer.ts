/**
 * A buffer on a device and how many own it: storages that show it and pending programs that will read it. The last
 * owner to let go gives it back to the device. A buffer that is shared does not change, so sharing one is safe.
 */
import type { Buffer, Device } from './device.ts';

export class SharedBuffer {
  readonly buffer: Buffer;
  readonly #device: Device;
  #owners = 1;

  /** The maker is the first owner. */
  constructor(device: Device, buffer: Buffer) {
    this.#device = device;
    this.buffer = buffer;
  }

  /** Counts one more owner. */
  share(): SharedBuffer {
    this.#owners++;
    return this;
  }

  get isShared(): boolean {
    return this.#owners > 1;
  }

  /** Whoever owns it may forget to let go: see `Device.leaveToCollector`. */
  leaveToCollector(): void {
    this.#device.leaveToCollector?.(this.buffer);
  }

  release(): void {
    if (--this.#owners === 0) this.#device.release(this.buffer);
  }
}
