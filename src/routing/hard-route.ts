import type { DType } from '../device/device.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Route, shareOf } from './router.ts';

/**
 * A bare choice, through which no gradient reaches a router: y where active, x elsewhere. What a router answers when it
 * learns nothing from the answer.
 *
 * @param active (B, T, 1) bool
 * @param valid (B, T, 1) bool: tokens that count for the density; null: all
 * @param dtype of the density
 */
export function hardRoute(active: Tensor, valid: Tensor | null, dtype: DType): Route {
  return new HardRoute(active, valid, dtype);
}

// A class: an object literal with a getter would be given a hidden class of its own every time, which only a full
// garbage collection frees.
class HardRoute implements Route {
  readonly active: Tensor;
  readonly readsSkipped = false;
  readonly #valid: Tensor | null;
  readonly #dtype: DType;
  #density: Tensor | null = null;

  constructor(active: Tensor, valid: Tensor | null, dtype: DType) {
    this.active = active;
    this.#valid = valid;
    this.#dtype = dtype;
  }

  combine(x: Tensor, y: Tensor): Tensor {
    return this.active.where(y, x); // (B, T, D)
  }

  /** Computed when it is first asked for: decoding never asks. */
  get density(): Tensor {
    this.#density ??= shareOf(this.active.to(this.#dtype), this.#valid); // scalar
    return this.#density;
  }
}
