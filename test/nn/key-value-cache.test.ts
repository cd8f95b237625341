import { expect, test } from 'vitest';
import { KeyValueCache, noGrad, Random, randn, type Tensor, zeros } from '../../src/index.ts';
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
