import { describe, expect, test } from 'vitest';
import { KeyValueCache, noGrad, Random, randn, type Tensor, zeros } from '../../src/index.ts';
import type { KeysAndValues } from '../../src/nn/key-value-cache.ts';
import { cat } from '../../src/ops/functions.ts';
import { said } from '../errors/said.ts';

const like = zeros([1]);
const draw = (batch: number, tokens: number, seed: number): { key: Tensor; value: Tensor } => ({
  key: randn([batch, 2, tokens, 3], new Random(seed)),
  value: randn([batch, 2, tokens, 3], new Random(seed + 1)),
});

test('crop forgets the last tokens, so that others can follow the first', () => {
  noGrad(() => {
    const [first, lost, next] = [draw(1, 2, 0), draw(1, 3, 10), draw(1, 1, 20)];
    const cache = new KeyValueCache(1, 2, 5, 3, like);
    cache.append(first);
    cache.append(lost);
    cache.crop(2);
    expect(cache.length).toBe(2);
    const { key, value } = cache.append(next);
    expect(key.slice(2, 0, 2).toArray()).toEqual(first.key.toArray());
    expect(value.slice(2, 0, 2).toArray()).toEqual(first.value.toArray());
    expect(key.slice(2, 2).toArray()).toEqual(next.key.toArray());
  });
});

test('repeat begins several texts with one, and leaves it as it was', () => {
  noGrad(() => {
    const [first, next] = [draw(1, 2, 0), draw(3, 1, 10)];
    const cache = new KeyValueCache(1, 2, 5, 3, like);
    cache.append(first);
    const three = cache.repeat(3);
    const { key, value } = three.append(next);
    for (let b = 0; b < 3; b++) {
      expect(
        key
          .slice(0, b, b + 1)
          .slice(2, 0, 2)
          .toArray(),
      ).toEqual(first.key.toArray());
      expect(
        value
          .slice(0, b, b + 1)
          .slice(2, 0, 2)
          .toArray(),
      ).toEqual(first.value.toArray());
    }
    expect(key.slice(2, 2).toArray()).toEqual(next.key.toArray());
    expect(cache.length).toBe(2);
    expect(new KeyValueCache(1, 2, 5, 3, like).repeat(2).length).toBe(0);
  });
});

describe('where only some tokens are kept', () => {
  /** Reads 3 tokens of 2 texts, of which text 0 keeps the last and text 1 the first two, and returns what it holds. */
  function read(cache: KeyValueCache): { first: KeysAndValues; held: KeysAndValues } {
    const first = draw(2, 2, 0);
    return { first, held: cache.append(first, { tokens: 3, positions: [[2], [0, 1]] }) };
  }
  /** Keys of `count` tokens of text b, from token `from` on. */
  const keys = ({ key }: KeysAndValues, b: number, from: number, count: number): unknown =>
    key
      .slice(0, b, b + 1)
      .slice(2, from, from + count)
      .toArray();

  test('each text holds its own from the front, and has read them all', () => {
    noGrad(() => {
      const cache = new KeyValueCache(2, 2, 6, 3, like);
      const { first, held } = read(cache);
      expect([cache.length, cache.stored]).toEqual([3, [1, 2]]);
      expect(held.key.shape).toEqual([2, 2, 2, 3]);
      expect(keys(held, 0, 0, 1)).toEqual(keys(first, 0, 0, 1));
      expect(keys(held, 1, 0, 2)).toEqual(keys(first, 1, 0, 2));

      const next = draw(2, 1, 10); // kept in both, each behind what its text holds
      const more = cache.append(next);
      expect([cache.length, cache.stored]).toEqual([4, [2, 3]]);
      expect(keys(more, 0, 0, 2)).toEqual(
        cat(
          [first, next].map(({ key }) => key.slice(0, 0, 1).slice(2, 0, 1)),
          2,
        ).toArray(),
      );
      expect(keys(more, 1, 2, 1)).toEqual(keys(next, 1, 0, 1));
      expect(more.value.slice(0, 1).slice(2, 0, 2).toArray()).toEqual(first.value.slice(0, 1).toArray());
    });
  });

  test('crop counts the tokens that were read', () => {
    noGrad(() => {
      const cache = new KeyValueCache(2, 2, 6, 3, like);
      read(cache);
      cache.pass(2);
      expect([cache.length, cache.stored]).toEqual([5, [1, 2]]);
      cache.crop(2);
      expect([cache.length, cache.stored]).toEqual([2, [0, 2]]);
      const next = draw(2, 1, 10);
      const held = cache.append(next);
      expect(keys(held, 0, 0, 1)).toEqual(keys(next, 0, 0, 1));
      expect(keys(held, 1, 2, 1)).toEqual(keys(next, 1, 0, 1));
      cache.clear();
      expect([cache.length, cache.stored]).toEqual([0, [0, 0]]);
    });
  });

  test('repeat copies what is held and what was read', () => {
    noGrad(() => {
      const first = draw(1, 2, 0);
      const cache = new KeyValueCache(1, 2, 6, 3, like);
      cache.append(first, { tokens: 4, positions: [[0, 3]] });
      const three = cache.repeat(3);
      expect([three.length, three.stored]).toEqual([4, [2, 2, 2]]);
      expect(keys(three.append(draw(3, 1, 10)), 2, 0, 2)).toEqual(keys(first, 0, 0, 2));
      three.crop(3);
      expect([three.stored, cache.stored]).toEqual([[1, 1, 1], [2]]);

      const none = new KeyValueCache(1, 2, 6, 3, like);
      none.pass(4);
      expect([none.repeat(2).length, none.repeat(2).stored]).toEqual([4, [0, 0]]);
    });
  });
});

test('mistakes are told', () => {
  expect(
    said([
      () => new KeyValueCache(1, 2, 5, 3, like).crop(1),
      () => new KeyValueCache(1, 2, 5, 3, like).crop(-1),
      () => new KeyValueCache(2, 2, 5, 3, like).repeat(3),
    ]),
  ).toMatchInlineSnapshot(`
    "cache: 1 tokens cannot be kept of the 0 that are stored.
    cache: -1 tokens cannot be kept of the 0 that are stored.
    cache: repeats one text, and stores 2; make it with makeCaches(1)."
  `);
});
