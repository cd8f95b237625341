import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spearman } from '../../src/evaluate/spearman.ts';
import { holds } from '../properties/runs.ts';

describe("Spearman's correlation", () => {
  test('of lists without ties is 1 − 6 Σ d² / (n (n² − 1)), d the differences of ranks', () => {
    // Ranks 1 2 3 4 5 and 2 1 4 5 3: d² is 1 + 1 + 1 + 1 + 4 = 8.
    expect(spearman([10, 20, 30, 40, 50], [0.2, 0.1, 7, 9, 3])).toBeCloseTo(1 - (6 * 8) / (5 * 24), 15);
  });

  test('gives equal values the mean of their ranks', () => {
    // Ranks 1 2.5 2.5 4 and 1.5 1.5 3.5 3.5, less 2.5 each: −1.5 0 0 1.5 and −1 −1 1 1. Σ products 3, squares 4.5 and 4.
    expect(spearman([1, 2, 2, 3], [0, 0, 5, 5])).toBeCloseTo(3 / Math.sqrt(4.5 * 4), 15);
    // Ranks 2 2 2 4 5 and 5 4 3 2 1, less 3: −1 −1 −1 1 2 and 2 1 0 −1 −2. Σ products −8, squares 8 and 10.
    expect(spearman([0, 0, 0, 1, 2], [9, 8, 7, 6, 5])).toBeCloseTo(-8 / Math.sqrt(8 * 10), 15);
  });

  test('ranks infinities like other numbers', () => {
    expect(spearman([-Infinity, -1, Infinity, Infinity], [1, 2, 3, 3])).toBe(1);
  });

  test.each([
    ['all values of a list are equal', [1, 1, 1], [1, 2, 3]],
    ['the other list is so', [1, 2, 3], [0, 0, 0]],
    ['there is one pair', [1], [2]],
    ['there is none', [], []],
    ['a value is NaN', [1, Number.NaN, 3], [1, 2, 3]],
    ['the other list has a NaN', [1, 2, 3], [1, 2, Number.NaN]],
  ])('is null where %s', (_, x, y) => {
    expect(spearman(x, y)).toBeNull();
  });

  test('refuses lists of different lengths', () => {
    expect(() => spearman([1, 2], [1, 2, 3])).toThrow(
      'spearman: 2 and 3 values make no pairs; give as many of each',
    );
  });

  // Few different values, so that ties are frequent.
  const pairs = fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 })), {
    minLength: 2,
    maxLength: 12,
  });
  const lists = (drawn: readonly [number, number][]): [number[], number[]] => [
    drawn.map(([x]) => x),
    drawn.map(([, y]) => y),
  ];
  const differ = (values: readonly number[]): boolean => new Set(values).size > 1;

  test('is Pearson of ranks that are counted one by one', () => {
    holds('Pearson of ranks', (g) => {
      const [x, y] = lists(g(() => pairs));
      if (!differ(x) || !differ(y)) {
        expect(spearman(x, y)).toBeNull();
        return;
      }
      // A rank: how many are less, half of the others that are equal, and 1.
      const rank = (values: number[]): number[] =>
        values.map((value) => {
          const less = values.filter((other) => other < value).length;
          return less + (values.filter((other) => other === value).length + 1) / 2;
        });
      const centred = (values: number[]): number[] => {
        const mean = values.reduce((a, b) => a + b) / values.length;
        return values.map((value) => value - mean);
      };
      const [a, b] = [centred(rank(x)), centred(rank(y))];
      const dot = (u: number[], v: number[]): number => u.reduce((sum, value, i) => sum + value * v[i], 0);
      expect(spearman(x, y)).toBeCloseTo(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), 12);
    });
  });

  test('does not change under rising maps, changes its sign under falling ones, and is symmetric', () => {
    holds('maps', (g) => {
      const [x, y] = lists(g(() => pairs));
      const correlation = spearman(x, y);
      expect(spearman(y, x)).toBe(correlation);
      expect(
        spearman(
          x.map((value) => value ** 3 + 7),
          y.map(Math.exp),
        ),
      ).toBe(correlation);
      const falling = spearman(
        x.map((value) => 2 - value),
        y,
      );
      if (correlation === null) expect(falling).toBeNull();
      else expect(falling).toBeCloseTo(-correlation, 15);
    });
  });

  test('is 1 with itself, −1 with the opposite, and between them otherwise', () => {
    holds('bounds', (g) => {
      const [x, y] = lists(g(() => pairs));
      if (!differ(x)) return;
      expect(spearman(x, x)).toBe(1);
      expect(
        spearman(
          x,
          x.map((value) => -value),
        ),
      ).toBe(-1);
      expect(Math.abs(spearman(x, y) ?? 0)).toBeLessThanOrEqual(1 + 1e-15);
    });
  });
});
