/** Damaged safetensors files: bits flipped, ends cut, headers that lie about lengths, names, types, shapes and places. */
import fc from 'fast-check';
import { type Mutation, mutate, mutations } from './json-mutations.ts';

export interface FileRecipe {
  /** Which file is damaged. */
  base: number;
  /** Mutations of its header, if any; the header's length is then right again. */
  header: Mutation[] | null;
  /** Bytes written over: places count from the start, or through all of the file, and are taken modulo its length. */
  bytes: { place: number; value: number }[];
  /** Bits turned over. */
  flips: number[];
  /** What the first 8 bytes say, instead of the header's length. */
  length: bigint | null;
  /** The file ends here. */
  cut: number | null;
  /** Bytes added at the end. */
  tail: number;
  /** The data becomes NaN, in any of the types. */
  nan: boolean;
}

const lengths = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    7n,
    8n,
    100_000_000n,
    100_000_001n,
    2n ** 31n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: 0n, max: 5000n }),
);
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, arbitrary);
const places = fc.oneof(fc.nat(400), fc.nat(100_000));

export const fileRecipes: fc.Arbitrary<FileRecipe> = fc.record({
  base: fc.nat(9),
  header: fc.option(mutations, { freq: 3 }),
  // Mostly none, or hardly a file would have a header that can be read.
  bytes: fc.oneof(
    { weight: 3, arbitrary: fc.constant<FileRecipe['bytes']>([]) },
    fc.array(fc.record({ place: places, value: fc.nat(255) }), { maxLength: 3 }),
  ),
  flips: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    fc.array(fc.nat(100_000), { maxLength: 2 }),
  ),
  length: rarely(lengths),
  cut: rarely(places),
  tail: fc.constantFrom(...Array<number>(9).fill(0), 1, 8, 1000),
  nan: fc.constantFrom(false, false, true),
});

export function damaged(files: readonly Uint8Array[], recipe: FileRecipe): Uint8Array {
  const { base, header: changes, bytes, flips, length, cut, tail, nan } = recipe;
  const file = Buffer.from(files[base % files.length]);
  const end = 8 + Number(file.readBigUInt64LE(0));
  let header = file.subarray(8, end);
  const data = file.subarray(end);
  if (changes) header = Buffer.from(mutate(header.toString('utf8'), changes));
  if (nan) data.fill(0xff);
  const first = Buffer.alloc(8);
  first.writeBigUInt64LE(length ?? BigInt(header.length));
  const whole = Buffer.concat([first, header, data, Buffer.alloc(tail)]);
  for (const { place, value } of bytes) whole[place % whole.length] = value;
  for (const bit of flips) whole[(bit >> 3) % whole.length] ^= 1 << (bit & 7);
  return whole.subarray(0, cut === null ? whole.length : cut % whole.length);
}
