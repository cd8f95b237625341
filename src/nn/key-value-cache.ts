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

/** Which of some new tokens leave keys and values. */
export interface Kept {
  /** How many tokens are new. */
  tokens: number;
  /** For each text, the positions of those that are kept, ascending. */
  positions: readonly (readonly number[])[];
}

/** Room for `capacity` tokens, allocated once and written in place: the one place where values change under a view. */
export class KeyValueCache {
  readonly #key: Tensor;
  readonly #value: Tensor;
  /** For each text, the positions of the tokens that are stored, ascending. */
  #positions: number[][];
  #length = 0;

  /** @param like a parameter of the model: its type and device are the cache's */
  constructor(batch: number, heads: number, capacity: number, headDim: number, like: Tensor) {
    const { dtype, device } = like;
    this.#key = zeros([batch, heads, capacity, headDim], { dtype, device });
    this.#value = zeros([batch, heads, capacity, headDim], { dtype, device });
    this.#positions = Array.from({ length: batch }, () => []);
  }

  /** How many tokens of each text were read: the position of the next one. */
  get length(): number {
    return this.#length;
  }

  /** For each text, how many of these tokens are stored. */
  get stored(): number[] {
    return this.#positions.map((positions) => positions.length);
  }

  /**
   * Adds the keys and values of new tokens (B, H, T, headDim) and returns those of all tokens so far, as views that are
   * good until the next call. Where only some are `kept`, those of a text come first in its row (B, H, R, headDim), and
   * so they do in what is returned; what stands behind them is anything.
   *
   * @throws OpError where gradients would have to flow through the cache, or the tokens do not fit
   */
  append({ key, value }: KeysAndValues, kept?: Kept): KeysAndValues {
    const { tokens, positions } = kept ?? this.every(key.shape[2]);
    const end = this.#length + tokens;
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
    const added = positions.map((those) => those.length);
    if (alike(this.stored) && alike(added)) this.write({ key, value }, 0, room, added[0]);
    else for (let text = 0; text < room; text++) this.write({ key, value }, text, text + 1, added[text]);
    positions.forEach((those, text) => {
      this.#positions[text].push(...those);
    });
    this.#length = end;
    const most = Math.max(...this.stored);
    return { key: this.#key.slice(2, 0, most), value: this.#value.slice(2, 0, most) };
  }

  /** Reads on by tokens none of which is kept. */
  pass(tokens: number): void {
    this.#length += tokens;
  }

  /** Forgets every token. */
  clear(): void {
    this.crop(0);
  }

  /** Forgets all tokens but the first `length` that were read. @throws OpError where these were fewer */
  crop(length: number): void {
    if (!(length >= 0 && length <= this.#length)) {
      throw new OpError('cache', `${length} tokens cannot be kept of the ${this.#length} that are stored`);
    }
    this.#positions = this.#positions.map((those) => those.filter((position) => position < length));
    this.#length = length;
  }

  /** A cache for `batch` texts that all begin as the one stored here. @throws OpError where several are stored here */
  repeat(batch: number): KeyValueCache {
    const [texts, heads, capacity, headDim] = this.#key.shape;
    if (texts !== 1)
      throw new OpError('cache', `repeats one text, and stores ${texts}; make it with makeCaches(1)`);
    const copy = new KeyValueCache(batch, heads, capacity, headDim, this.#key);
    const [positions] = this.#positions;
    const count = positions.length;
    const all = (x: Tensor): Tensor => x.slice(2, 0, count).expand([batch, heads, count, headDim]);
    const kept = { tokens: this.#length, positions: new Array<number[]>(batch).fill(positions) };
    copy.append({ key: all(this.#key), value: all(this.#value) }, kept);
    return copy;
  }

  /** The next tokens, all kept in every text. */
  private every(tokens: number): Kept {
    const positions = Array.from({ length: tokens }, (_, t) => this.#length + t);
    return { tokens, positions: this.#positions.map(() => positions) };
  }

  /** Writes the first `count` tokens of texts from … to − 1, which store as many each, behind what they store. */
  private write({ key, value }: KeysAndValues, from: number, to: number, count: number): void {
    if (count === 0) return;
    const start = this.#positions[from].length;
    const put = (source: Tensor, room: Tensor): void =>
      write(
        part(part(source, 0, from, to), 2, 0, count),
        part(room, 0, from, to).slice(2, start, start + count),
      );
    put(key, this.#key);
    put(value, this.#value);
  }
}

/** Elements from … to − 1 of x along an axis; x itself where these are all. */
function part(x: Tensor, axis: number, from: number, to: number): Tensor {
  return from === 0 && to === x.shape[axis] ? x : x.slice(axis, from, to);
}

function alike(counts: readonly number[]): boolean {
  return counts.every((count) => count === counts[0]);
}

function write(source: Tensor, place: Tensor): void {
  place.device.kernels.copyInto(source.contiguous(), place);
  place.storage.version++; // a graph that has saved a view of it refuses to go on
}
