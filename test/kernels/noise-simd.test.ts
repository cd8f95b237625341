/** Gumbel noise in WebAssembly: the very bits of the reference. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gumbel } from '../../kernels/random/reference.ts';
import { simdRandom } from '../../kernels/random/simd.ts';
import { Random } from '../../src/index.ts';
import { watch } from './machines.ts';
import { type FloatType, resultOf } from './views.ts';

const { expectParity } = watch(simdRandom);
/** The distance to the nearest float32: nothing but that rounding, or none, may lie between the two. */
const exact = (dtype: FloatType) => ({
  slack: (value: number): number => (dtype === 'float32' ? Math.abs(Math.fround(value) - value) : 0),
});

describe.each(['float32', 'float64'] as const)('noise in %s', (dtype) => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const position = fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.maxSafeNat().map((p) => Math.floor(p / 2)),
    // Around 2³² blocks, where the counter's upper word moves.
    fc.integer({ min: -40, max: 40 }).map((p) => 2 ** 33 + p),
  );

  test('has the bits of the reference at every key, position and length', () => {
    fc.assert(
      fc.property(word, word, position, fc.integer({ min: 0, max: 40 }), (key0, key1, start, size) => {
        expectParity('gumbel', [key0, key1, start, resultOf([size], dtype)], exact(dtype));
      }),
      { numRuns: 200 },
    );
  });

  test.each([0, 1])('also in many parts, from position %d', (start) => {
    const out = resultOf([5003], dtype);
    const [found] = expectParity('gumbel', [7, 9, start, out], exact(dtype));
    gumbel(7, 9, start, out);
    expect(found).toEqual(out.buffer);
  });

  test('is what a stream draws one by one, which goes on behind it', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 3 }), fc.nat(30), (seed, skipped, size) => {
        const [whole, single] = [new Random(seed), new Random(seed)];
        for (let i = 0; i < skipped; i++) expect(whole.nextUint32()).toBe(single.nextUint32());
        const [out, expected] = [resultOf([size], dtype), resultOf([size], dtype)];
        whole.gumbelInto({ gumbel }, out);
        single.fillGumbel(expected.buffer as Float64Array);
        expect(out.buffer).toEqual(expected.buffer);
        expect(whole.state()).toEqual(single.state());
        expect(whole.nextUint32()).toBe(single.nextUint32());
      }),
      { numRuns: 100 },
    );
  });
});
