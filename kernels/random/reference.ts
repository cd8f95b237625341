/**
 * Random numbers as a pure function of a key and a position, from operations that IEEE 754 and 32-bit integers define
 * exactly: the same bits on every machine and in every dialect.
 *
 * The generator is counter-based: block number c of a stream, two words of 32 bits, is a function of the stream's key and
 * c alone. The function is Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011), which needs only additions, rotations and exclusive ors. `Math.log` may differ in its last bit
 * from one JavaScript engine to the next, so `log` below is built from exactly defined operations.
 */
import { type HostView, sizeOf } from '../strides.ts';

const TWO_32 = 2 ** 32;

/** Added to the key's parity, so that a key of zeros is none. */
export const KEY_PARITY = 0x1bd11bda;

/** By how much each round rotates: the first four in the groups of rounds 1, 3, 5, the others in 2 and 4. */
export const ROTATIONS: readonly [readonly number[], readonly number[]] = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
];

/**
 * Threefry-2x32, 20 rounds: encrypts a 64-bit counter under a 64-bit key.
 * All words are unsigned 32-bit numbers; `out` receives the two words of the result.
 */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
  out: Uint32Array,
): void {
  const schedule = [key0 | 0, key1 | 0, KEY_PARITY ^ key0 ^ key1];
  let x0 = (counter0 + schedule[0]) | 0;
  let x1 = (counter1 + schedule[1]) | 0;
  for (let group = 1; group <= 5; group++) {
    // Four rounds, then the next part of the key.
    const rotations = ROTATIONS[(group - 1) % 2];
    const [r0, r1, r2, r3] = [rotations[0], rotations[1], rotations[2], rotations[3]];
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r0) | (x1 >>> (32 - r0))) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r1) | (x1 >>> (32 - r1))) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r2) | (x1 >>> (32 - r2))) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r3) | (x1 >>> (32 - r3))) ^ x0;
    x0 = (x0 + schedule[group % 3]) | 0;
    x1 = (x1 + schedule[(group + 1) % 3] + group) | 0;
  }
  out[0] = x0;
  out[1] = x1;
}

const bits = new DataView(new ArrayBuffer(8));
// ln 2 in two parts: the high one has 21 trailing zero bits, so its product with an exponent is exact.
export const LN2_HIGH = 0.6931471803691238;
export const LN2_LOW = 1.9082149292705877e-10;
/** Terms of atanh's series beside the first: its argument's square stays below 0.0295, so the next is below half an ulp. */
export const LOG_TERMS = 11;

/**
 * Natural logarithm with the same bits on every platform; within 1 unit in the last place of the exact value.
 *
 * x = m * 2^e with m in [sqrt(1/2), sqrt(2)), and log m = 2 atanh(s) with s = (m - 1) / (m + 1), by its series.
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  if (x < 2 ** -1022) return log(x * 2 ** 54) - 54 * (LN2_HIGH + LN2_LOW);
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  // atanh(s) = s + s z / 3 + s z^2 / 5 + …
  let series = 0;
  for (let k = LOG_TERMS; k >= 1; k--) series = z * (series + 2 / (2 * k + 1));
  // 2 s = f - s f, arranged so that f, the largest term, is added last and without error.
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + series) + exponent * LN2_LOW) - f);
}

/** (k + 0.5) / 2^52 for a 52-bit k of two words: exact in float64, symmetric about 1/2, never 0 and never 1. */
export function uniform52(high: number, low: number): number {
  return (high * 2 ** 20 + (low >>> 12) + 0.5) / 2 ** 52;
}

/** Standard Gumbel, -log(-log(u)), from two words; stays between -3.7 and 36.8. */
export function gumbelOf(high: number, low: number): number {
  return -log(-log(uniform52(high, low)));
}

/** Element i is made of words position + 2 i and position + 2 i + 1 of the stream. */
export function gumbel(key0: number, key1: number, position: number, { buffer, shape }: HostView): void {
  const size = sizeOf(shape);
  const block = new Uint32Array(2);
  const draw = (index: number): void => {
    threefry2x32(key0, key1, index % TWO_32, Math.floor(index / TWO_32), block);
  };
  const first = Math.floor(position / 2);
  if (position % 2 === 0) {
    for (let i = 0; i < size; i++) {
      draw(first + i);
      buffer[i] = gumbelOf(block[0], block[1]);
    }
  } else {
    draw(first);
    for (let i = 0; i < size; i++) {
      const high = block[1];
      draw(first + i + 1);
      buffer[i] = gumbelOf(high, block[0]);
    }
  }
}
