/** The active tokens of each text, moved to its front: which, where they stand, and where everybody's queries do. */
import { describe, expect, test } from 'vitest';
import { arange, fromTypedArray, type Tensor } from '../../../src/index.ts';
import { ActiveRows } from '../../../src/routing/active-rows.ts';
import { ActiveTexts } from '../../../src/routing/compared/active-texts.ts';

function textsOf(mask: readonly (readonly number[])[], before: readonly number[], start = 0): ActiveTexts {
  const active = fromTypedArray(Uint8Array.from(mask.flat()), [mask.length, mask[0].length, 1]); // (B, T, 1)
  return new ActiveTexts(active, new ActiveRows(active, start), start, before);
}

const texts = textsOf(
  [
    [0, 1, 1, 0],
    [0, 0, 0, 1],
    [0, 0, 0, 0],
  ],
  [0, 5, 0],
  10,
);

test('say which tokens of each text are active', () => {
  expect(texts.tokens).toBe(4);
  expect(texts.positions).toEqual([[11, 12], [13], []]);
});

test('queries of rows stand at the rank of their token, behind those that came before the batch', () => {
  const { positions, batch } = texts.placesOfRows();
  expect(positions?.toArray()).toEqual([[0], [1], [5]]);
  expect(batch?.toArray()).toEqual([0, 0, 1]);
});

test('queries of skipped tokens stand at the last active one before them', () => {
  expect(texts.placesOfTokens().positions?.toArray()).toEqual([
    [-1, 0, 1, 1],
    [4, 4, 4, 5],
    [-1, -1, -1, -1],
  ]);
});

describe('gathering', () => {
  const tokens = arange(12, { start: 1 }).reshape([3, 4, 1]); // (B, T, 1)
  const front = [
    [[2], [3]],
    [[8], [0]],
    [[0], [0]],
  ];

  test('takes the active ones of all tokens to the front of their text; padding is 0', () => {
    expect(texts.ofTokens(tokens).toArray()).toEqual(front);
  });

  test('or rows that were gathered before', () => {
    const rows: Tensor = fromTypedArray(Float32Array.of(2, 3, 8), [3, 1, 1]); // (N, 1, 1)
    expect(texts.ofRows(rows).toArray()).toEqual(front);
  });

  test('leaves one place where nobody is active', () => {
    expect(
      textsOf([[0, 0]], [0])
        .ofTokens(arange(2).reshape([1, 2, 1]))
        .toArray(),
    ).toEqual([[[0]]]);
  });
});

test('rows that are padding stand nowhere', () => {
  const row = Array.from({ length: 64 }, (_, t) => Number(t % 13 === 0)); // 5 of 64, in groups of 2
  expect(textsOf([row], [0]).placesOfRows().positions?.toArray()).toEqual([[0], [1], [2], [3], [4], [-1]]);
});
