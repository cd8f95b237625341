/** Keys and values of the tokens seen so far, for generating token by token. */
import { isGradEnabled } from '../autograd/mode.ts';
import { zeros } from '../tensor/create.ts';
import { OpError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface KeysAndValues {
  /** (B, H, T, headDim) */
  key: Tensor;
  /** (B, H, T, headDim) */
  value: Tensor;
}

/** Room for `capacity` tokens, allocated once and written in place: the one place where values change under a view. */
export class KeyValueCache {
  readonly #key: Tensor;
  readonly #value: Tensor;
  #length = 0;

  /** @param like a parameter of the model: its type and device are the cache's */
  constructor(batch: number, heads: number, capacity: number, headDim: number, like: Tensor) {
    const { dtype, device } = like;
    this.#key = zeros([batch, heads, capacity, headDim], { dtype, device });
    this.#value = zeros([batch, heads, capacity, headDim], { dtype, device });
  }

  /** How many tokens are stored. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds the keys and values of new tokens (B, H, T, headDim) and returns those of all tokens so far, as views that are
   * good until the next call.
   *
   * @throws OpError where gradients would have to flow through the cache, or the tokens do not fit
   */
  append({ key, value }: KeysAndValues): KeysAndValues {
    const start = this.#length;
    const end = start + key.shape[2];
    if (isGradEnabled() && (key.requiresGrad || value.requiresGrad)) {
      throw new OpError('cache', 'no gradient flows through a cache; read from one inside noGrad(() => …)');
    }
    const room = this.#key.shape[0];
    if (key.shape[0] !== room) {
      throw new OpError(
        'cache',
        `${key.shape[0]} texts do not fit a cache for ${room}; make one with makeCaches(${key.shape[0]})`,
      );
    }
    if (end > this.#key.shape[2]) {
      throw new OpError(
        'cache',
        `${end} tokens do not fit into room for ${this.#key.shape[2]}; start a new cache`,
      );
    }
    write(key, this.#key.slice(2, start, end));
    write(value, this.#value.slice(2, start, end));
    this.#length = end;
    return { key: this.#key.slice(2, 0, end), value: this.#value.slice(2, 0, end) };
  }

  /** Forgets every token. */
  clear(): void {
    this.#length = 0;
  }

  /** Forgets all tokens but the first `length`. @throws OpError where fewer are stored */
  crop(length: number): void {
    if (!(length >= 0 && length <= this.#length)) {
      throw new OpError('cache', `${length} tokens cannot be kept of the ${this.#length} that are stored`);
    }
    this.#length = length;
  }

  /** A cache for `batch` texts that all begin as the one stored here. @throws OpError where several are stored here */
  repeat(batch: number): KeyValueCache {
    const [texts, heads, capacity, headDim] = this.#key.shape;
    if (texts !== 1)
      throw new OpError('cache', `repeats one text, and stores ${texts}; make it with makeCaches(1)`);
    const copy = new KeyValueCache(batch, heads, capacity, headDim, this.#key);
    const all = (stored: Tensor): Tensor =>
      stored.slice(2, 0, this.#length).expand([batch, heads, this.#length, headDim]);
    if (this.#length > 0) copy.append({ key: all(this.#key), value: all(this.#value) });
    return copy;
  }
}

function write(source: Tensor, place: Tensor): void {
  place.device.kernels.copyInto(source.contiguous(), place);
  place.storage.version++; // a graph that has saved a view of it refuses to go on
}
