import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, meanInterval, tQuantile, welchDifference } from '../../src/reproduce/statistics.ts';
import { Random } from '../../src/tensor/random.ts';

const bySeed = (values: readonly number[], first = 0): Map<number, number> =>
  new Map(values.map((value, i) => [first + i, value]));

describe('tQuantile', () => {
  it('is what tables of the 97.5 % quantile say', () => {
    // scipy.stats.t.ppf(0.975, ν)
    const table: [number, number][] = [
      [1, 12.706205],
      [1.3, 7.500529],
      [2, 4.302653],
      [2.5, 3.574655],
      [3, 3.182446],
      [4, 2.776445],
      [10, 2.228139],
      [30, 2.042272],
      [500, 1.96472],
    ];
    for (const [freedom, quantile] of table) expect(tQuantile(freedom)).toBeCloseTo(quantile, 4);
  });

  it('falls with every degree of freedom, to the normal one', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 50, noNaN: true }), (freedom) => {
        expect(tQuantile(freedom)).toBeGreaterThan(tQuantile(freedom * 1.1));
      }),
      { numRuns: 25 },
    );
    expect(tQuantile(1e9)).toBeCloseTo(1.96, 2);
  });
});

describe('meanInterval', () => {
  it('is the textbook one', () => {
    // scipy.stats.t.interval(0.95, 2, loc=3, scale=sem([1, 3, 5]))
    const { mean, half, seeds } = meanInterval([1, 3, 5]);
    expect([mean, seeds]).toEqual([3, 3]);
    expect(half).toBeCloseTo(4.96828, 4);
  });

  it('knows no interval of one value, and one of no width where all are equal', () => {
    expect(meanInterval([7])).toEqual({ mean: 7, half: Number.NaN, seeds: 1 });
    expect(meanInterval([7, 7, 7])).toEqual({ mean: 7, half: 0, seeds: 3 });
  });

  it('holds the true mean in 95 of 100 samples', () => {
    const random = new Random(5);
    const trials = 2000;
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { mean, half } = meanInterval([random.normal(), random.normal(), random.normal()]);
      if (Math.abs(mean) <= half) held++;
    }
    expect(held / trials).toBeGreaterThan(0.935);
    expect(held / trials).toBeLessThan(0.965);
  });
});

describe('welchDifference', () => {
  it("is Welch's", () => {
    // scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval()
    const { mean, half, seeds } = welchDifference([27.5, 21, 19, 23.6, 17], [27.1, 22, 20.8, 23.4]);
    expect(mean).toBeCloseTo(-1.705, 6);
    expect(half).toBeCloseTo(5.425282, 4);
    expect(seeds).toBe(4);
  });

  it('takes values that do not vary, and knows no interval of a single one', () => {
    expect(welchDifference([2, 2], [1, 1])).toEqual({ mean: 1, half: 0, seeds: 2 });
    expect(welchDifference([2], [1, 1, 1])).toEqual({ mean: 1, half: Number.NaN, seeds: 1 });
  });
});

describe('difference', () => {
  const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 6 });

  it('is that of the pairs, whatever the seeds have in common', () => {
    fc.assert(
      fc.property(values, fc.double({ min: -5, max: 5, noNaN: true }), (own, gap) => {
        const { mean, half } = difference(bySeed(own), bySeed(own.map((value) => value - gap)));
        expect(mean).toBeCloseTo(gap, 9);
        expect(half).toBeCloseTo(0, 9);
      }),
    );
  });

  it('turns its sign with its arguments', () => {
    fc.assert(
      fc.property(values, values, fc.nat(3), (a, b, first) => {
        const one = difference(bySeed(a), bySeed(b, first));
        const other = difference(bySeed(b, first), bySeed(a));
        expect(one.mean).toBeCloseTo(-other.mean, 9);
        expect(one.half).toBeCloseTo(other.half, 9);
      }),
    );
  });

  it('leaves out seeds that only one has', () => {
    const shared = difference(bySeed([1, 2, 9]), bySeed([0, 2]));
    expect([shared.mean, shared.seeds]).toEqual([0.5, 2]);
  });

  it("is Welch's where fewer than two seeds are shared", () => {
    expect(difference(bySeed([1, 2]), bySeed([4, 6], 1))).toEqual(welchDifference([1, 2], [4, 6]));
  });
});
