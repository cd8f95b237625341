/**
 * Random numbers that are the same on every machine, can be saved, and can be split into named streams.
 *
 * The generator is counter-based: word number `p` of a stream is a pure function of the stream's key and `p`, so its
 * whole state is the key and one position. The arithmetic is kernels/random/reference.ts, which devices repeat.
 */
import type { Kernels, View } from '../../kernels/contract.ts';
import { gumbelOf, log, threefry2x32, uniform52 } from '../../kernels/random/reference.ts';
import { sizeOf } from '../../kernels/strides.ts';

export { log, threefry2x32 } from '../../kernels/random/reference.ts';

/** Everything needed to continue a stream; plain JSON. */
export interface RandomState {
  /** The 64-bit key as two unsigned 32-bit words. */
  key: [number, number];
  /** How many 32-bit words of the stream have been used. */
  position: number;
}

const TWO_32 = 2 ** 32;

/** Counters of draws stay below 2^53 / 2, so these high bits mark counters that `fork` alone uses. */
const FORK_STRING = 0x80000000;
const FORK_NUMBER = 0xc0000000;

/**
 * One independent stream of random numbers.
 *
 * `nextUint32` and `uniform` use one 32-bit word of the stream; `normal`, `gumbel` and `int` use two. No method
 * rejects and redraws, so the position after any sequence of calls is known in advance.
 */
export class Random {
  private readonly key: [number, number];
  private position = 0;
  private readonly block: Uint32Array = new Uint32Array(2);
  private blockIndex = -1;

  /**
   * @param seed a whole number from 0 to 2^53 - 1; all 53 bits count
   * @throws RangeError for any other seed
   */
  constructor(seed: number) {
    if (!isCount(seed)) {
      throw new RangeError(`Random: the seed must be a whole number from 0 to 2^53 - 1, got ${seed}`);
    }
    this.key = [seed % TWO_32, Math.floor(seed / TWO_32)];
  }

  /** Continues a stream from what `state()` returned. Throws RangeError when `state` is malformed. */
  static fromState(state: RandomState): Random {
    const { key, position } = state;
    const valid =
      Array.isArray(key) && key.length === 2 && key.every((word) => isCount(word) && word < TWO_32);
    if (!valid || !isCount(position)) {
      throw new RangeError(
        `Random: not a state { key: [uint32, uint32], position: count }: ${JSON.stringify(state)}`,
      );
    }
    const random = new Random(0);
    [random.key[0], random.key[1]] = key;
    random.position = position;
    return random;
  }

  /** The stream's key and position as plain JSON. */
  state(): RandomState {
    return { key: [this.key[0], this.key[1]], position: this.position };
  }

  /**
   * A new stream, at its beginning, whose key is derived from this stream's key and `name` only: neither how much
   * of this stream was used nor the order of forks matters. Equal names give equal streams.
   *
   * @param name any string, or a whole number from 0 to 2^53 - 1; the number 1 and the string '1' differ
   */
  fork(name: string | number): Random {
    const child = Random.fromState({ key: this.key, position: 0 });
    const absorb = (low: number, high: number): void => {
      threefry2x32(child.key[0], child.key[1], low, high, child.block);
      [child.key[0], child.key[1]] = child.block;
    };
    if (typeof name === 'string') {
      absorb(name.length, FORK_STRING);
      for (let i = 0; i < name.length; i++) absorb(name.charCodeAt(i), FORK_STRING + 1 + i);
    } else {
      if (!isCount(name)) {
        throw new RangeError(`Random.fork: a number must be whole and from 0 to 2^53 - 1, got ${name}`);
      }
      absorb(name % TWO_32, FORK_NUMBER + Math.floor(name / TWO_32));
    }
    return child;
  }

  /** The next word of the stream: a whole number from 0 to 2^32 - 1. */
  nextUint32(): number {
    const index = Math.floor(this.position / 2);
    if (index !== this.blockIndex) {
      threefry2x32(this.key[0], this.key[1], index % TWO_32, Math.floor(index / TWO_32), this.block);
      this.blockIndex = index;
    }
    return this.block[this.position++ % 2];
  }

  /**
   * Uniform on (0, 1): (k + 0.5) / 2^23 for a 23-bit k, so k + 0.5 fills the 24 bits of a float32 significand.
   * Exact in float32; never 0 and never 1. (With a 24-bit k the largest value would round to 1.)
   */
  uniform(): number {
    return ((this.nextUint32() >>> 9) + 0.5) / 2 ** 23;
  }

  /** Standard normal by inversion of the cumulative distribution; |value| stays below 8.3. */
  normal(): number {
    return inverseNormal(this.uniform52());
  }

  /** Standard Gumbel, -log(-log(u)); stays between -3.7 and 36.8. */
  gumbel(): number {
    const high = this.nextUint32();
    return gumbelOf(high, this.nextUint32());
  }

  /**
   * A whole number from 0 to n - 1. Probabilities differ from 1 / n by at most 2^-52.
   *
   * @param n from 1 to 2^32
   */
  int(n: number): number {
    if (!isCount(n) || n < 1 || n > TWO_32) {
      throw new RangeError(`Random.int: n must be a whole number from 1 to 2^32, got ${n}`);
    }
    return Math.floor(this.uniform52() * n);
  }

  /** A uniformly random order of 0 .. n - 1 (Fisher-Yates). */
  shuffle(n: number): Int32Array {
    if (!isCount(n) || n > 2 ** 31) {
      throw new RangeError(`Random.shuffle: n must be a whole number from 0 to 2^31, got ${n}`);
    }
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** Fills `array` with `uniform()` values. */
  fillUniform(array: Float32Array | Float64Array): void {
    for (let i = 0; i < array.length; i++) array[i] = this.uniform();
  }

  /** Fills `array` with `normal()` values, rounded to the array's type. */
  fillNormal(array: Float32Array | Float64Array): void {
    for (let i = 0; i < array.length; i++) array[i] = this.normal();
  }

  /** Fills `array` with `gumbel()` values, rounded to the array's type. */
  fillGumbel(array: Float32Array | Float64Array): void {
    for (let i = 0; i < array.length; i++) array[i] = this.gumbel();
  }

  /** Fills a device's view by the device's kernel: the numbers of `fillGumbel`, and the same position after them. */
  gumbelInto<B>(kernels: Pick<Kernels<B>, 'gumbel'>, out: View<B>): void {
    kernels.gumbel(this.key[0], this.key[1], this.position, out);
    this.position += 2 * sizeOf(out.shape);
  }

  private uniform52(): number {
    const high = this.nextUint32();
    return uniform52(high, this.nextUint32());
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * The x at which the standard normal's cumulative distribution is p, for p from 2^-53 to 1 - 2^-53; relative error
 * about 1e-15. Rational approximations of Wichura, "Algorithm AS 241", Applied Statistics 37 (1988), 477-484.
 */
function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, CENTRE_NUMERATOR, CENTRE_DENOMINATOR);
  // IEEE 754 defines the square root exactly, and every engine uses the processor's.
  const r = Math.sqrt(-log(Math.min(p, 1 - p)));
  const x =
    r <= 5
      ? ratio(r - 1.6, MIDDLE_NUMERATOR, MIDDLE_DENOMINATOR)
      : ratio(r - 5, TAIL_NUMERATOR, TAIL_DENOMINATOR);
  return q > 0 ? x : -x;
}

/** The quotient of two polynomials at x; coefficients from the highest power to the constant. */
function ratio(x: number, numerator: readonly number[], denominator: readonly number[]): number {
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < 8; i++) {
    top = top * x + numerator[i];
    bottom = bottom * x + denominator[i];
  }
  return top / bottom;
}

const CENTRE_NUMERATOR: readonly number[] = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
];
const CENTRE_DENOMINATOR: readonly number[] = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
];
const MIDDLE_NUMERATOR: readonly number[] = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const MIDDLE_DENOMINATOR: readonly number[] = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const TAIL_NUMERATOR: readonly number[] = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124,
  0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const TAIL_DENOMINATOR: readonly number[] = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133,
  0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
];
