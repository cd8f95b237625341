import fc from 'fast-check';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectSame, expectThat } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const wholes = fc.record({
  values: fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 12 }),
  tile: fc.integer({ min: 1, max: 5 }),
});
/** Tenths are not exact in float32: each order of additions has a sum of its own. */
const tenths = fc.record({
  values: fc.array(
    fc.integer({ min: 1, max: 99 }).map((x) => Math.fround(x / 10)),
    { maxLength: 12 },
  ),
  tile: fc.integer({ min: 1, max: 5 }),
});

const sum32 = (values: readonly number[]): number => values.reduce((sum, x) => Math.fround(sum + x), 0);
const tilesOf = (values: readonly number[], tile: number): number[][] =>
  Array.from({ length: Math.ceil(values.length / tile) }, (_, i) => values.slice(i * tile, (i + 1) * tile));

export default exercise<typeof Solution>({
  title: 'A sum in tiles',
  chapter: 4,
  task: 'Add up float32 numbers tile by tile, which is what keeps a long sum exact, and what threads can share.',
  laws: ({ tiledSum }) => [
    example('[1, 2, 3, 4, 5] in tiles of 2: 3, 7 and 5 make 15', () => {
      expectSame('tiledSum([1, 2, 3, 4, 5], 2)', tiledSum(Float32Array.of(1, 2, 3, 4, 5), 2), 15);
    }),
    law('whole numbers add up exactly, the last short tile included', wholes, ({ values, tile }) => {
      const expected = values.reduce((sum, x) => sum + x, 0);
      // + 0, for −0 is 0 here
      expectSame('the sum', tiledSum(Float32Array.from(values), tile) + 0, expected + 0);
    }),
    law('its bits are those of this order of additions, and no other', tenths, ({ values, tile }) => {
      const expected = sum32(tilesOf(values, tile).map(sum32));
      expectSame('the sum', tiledSum(Float32Array.from(values), tile), expected);
    }),
    example('a million tenths come to 100,000 within 1; one after the other they come to 100,958', () => {
      const got = tiledSum(new Float32Array(1_000_000).fill(0.1), 1000);
      expectThat(
        Math.abs(got - 100_000) < 1,
        'tiledSum(a million times 0.1, 1000)',
        '99,999 to 100,001',
        got,
      );
    }),
  ],
});
