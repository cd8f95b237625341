import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { log, Random, threefry2x32 } from '../../src/tensor/random.ts';

function encrypt(key0: number, key1: number, counter0: number, counter1: number): string[] {
  const out = new Uint32Array(2);
  threefry2x32(key0, key1, counter0, counter1, out);
  return [...out].map((word) => word.toString(16).padStart(8, '0'));
}

/** Distance of two float64 values in units of the last place of the second. */
function ulps(a: number, b: number): number {
  if (a === b) return 0;
  return Math.abs(a - b) / 2 ** (Math.floor(Math.log2(Math.abs(b))) - 52);
}

/** Kolmogorov-Smirnov statistic times sqrt(n): above 1.95 once in a thousand honest samples. */
function kolmogorovSmirnov(sample: number[], distribution: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  let worst = 0;
  sorted.forEach((x, i) => {
    const p = distribution(x);
    worst = Math.max(worst, p - i / sorted.length, (i + 1) / sorted.length - p);
  });
  return worst * Math.sqrt(sorted.length);
}

/** Standard normal cumulative distribution from the series of erf; enough for |x| < 6. */
function normalDistribution(x: number): number {
  let term = x;
  let sum = x;
  for (let k = 1; k < 200; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

const draw = (n: number, next: () => number): number[] => Array.from({ length: n }, next);
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('threefry2x32', () => {
  it('gives the published answers of Random123 for 20 rounds', () => {
    expect(encrypt(0, 0, 0, 0)).toEqual(['6b200159', '99ba4efe']);
    expect(encrypt(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toEqual(['1cb996fc', 'bb002be7']);
    expect(encrypt(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual(['c4923a9c', '483df7a0']);
  });
});

describe('log', () => {
  it('is within 2 ulp of Math.log over the whole range, and near 1', () => {
    const source = new Random(3);
    let worst = 0;
    for (let i = 0; i < 20000; i++) {
      const scale = 2 ** (source.int(2044) - 1021);
      for (const x of [(1 + source.uniform()) * scale, 1 - source.uniform() * 2 ** -source.int(40)]) {
        worst = Math.max(worst, ulps(log(x), Math.log(x)));
      }
    }
    expect(worst).toBeLessThanOrEqual(2);
  });

  it('handles the edges of the range like Math.log', () => {
    for (const x of [1, 0, -0, Infinity, -1, NaN]) expect(log(x)).toBe(Math.log(x));
    for (const x of [
      Number.MIN_VALUE,
      2 ** -1030,
      2 ** -1022,
      Number.MAX_VALUE,
      1 - 2 ** -53,
      1 + 2 ** -52,
    ]) {
      expect(ulps(log(x), Math.log(x))).toBeLessThanOrEqual(2);
    }
  });
});

describe('Random: fixed values', () => {
  it('repeats its first values on every platform, to the last bit', () => {
    const first = (method: 'nextUint32' | 'uniform' | 'normal' | 'gumbel'): number[] => {
      const random = new Random(42);
      return draw(4, () => random[method]());
    };
    expect(first('nextUint32')).toEqual([3732534457, 1332528664, 646961260, 4263843367]);
    expect(first('uniform')).toEqual([
      0.8690484166145325, 0.3102535605430603, 0.15063244104385376, 0.9927534461021423,
    ]);
    expect(first('normal')).toEqual([
      1.1219041412724309, -1.0337248474294114, 0.05095839608790682, -0.6746869125268128,
    ]);
    expect(first('gumbel')).toEqual([
      1.9635699573833194, -0.6381168078084156, 0.4257035357590166, -0.3268150342590269,
    ]);
    expect(new Random(42).fork('router').nextUint32()).toBe(1445896568);
    expect(new Random(42).fork(7).nextUint32()).toBe(228740619);
    expect([...new Random(42).shuffle(6)]).toEqual([3, 1, 4, 2, 0, 5]);
    // A hundred thousand of each, so that the rare branches count too.
    const random = new Random(42);
    let sum = 0;
    for (let i = 0; i < 100000; i++) sum += random.normal() + random.gumbel();
    expect(sum).toBe(57977.72784752607);
  });

  it('uses the block function counter by counter, both words', () => {
    const random = new Random(0);
    expect(random.nextUint32()).toBe(0x6b200159);
    expect(random.nextUint32()).toBe(0x99ba4efe);
    expect(random.nextUint32().toString(16).padStart(8, '0')).toBe(encrypt(0, 0, 1, 0)[0]);
  });

  it('tells apart seeds that differ only above 32 bits', () => {
    expect(new Random(5).nextUint32()).not.toBe(new Random(5 + 2 ** 32).nextUint32());
    expect(new Random(2 ** 53 - 1).state().key).toEqual([0xffffffff, 0x1fffff]);
  });

  it('carries a block counter beyond 32 bits', () => {
    const random = Random.fromState({ key: [7, 9], position: 2 ** 33 });
    expect(random.nextUint32().toString(16).padStart(8, '0')).toBe(encrypt(7, 9, 0, 1)[0]);
  });
});

describe('Random: distributions (fixed seeds)', () => {
  it('uniform fills 256 cells evenly, stays inside (0, 1) and is exact in float32', () => {
    const random = new Random(11);
    const cells = new Array<number>(256).fill(0);
    const n = 256 * 400;
    const sample = draw(n, () => random.uniform());
    expect(sample.filter((u) => !(u > 0 && u < 1 && Math.fround(u) === u))).toEqual([]);
    for (const u of sample) cells[Math.floor(u * 256)]++;
    const chiSquare = cells.reduce((sum, count) => sum + (count - 400) ** 2 / 400, 0);
    // 255 degrees of freedom: mean 255, standard deviation 22.6.
    expect(chiSquare).toBeGreaterThan(255 - 4 * 22.6);
    expect(chiSquare).toBeLessThan(255 + 4 * 22.6);
  });

  it('normal and gumbel follow their distributions', () => {
    const random = new Random(12);
    const normals = draw(20000, () => random.normal());
    expect(kolmogorovSmirnov(normals, normalDistribution)).toBeLessThan(1.95);
    // The extremes too, where a wrong tail formula would hide from the statistic above.
    expect(Math.max(...normals.map(Math.abs))).toBeGreaterThan(3.5);
    const gumbels = draw(20000, () => random.gumbel());
    expect(kolmogorovSmirnov(gumbels, (x) => Math.exp(-Math.exp(-x)))).toBeLessThan(1.95);
  });

  it('normal inverts the cumulative distribution, draw by draw', () => {
    const random = new Random(13);
    for (let i = 0; i < 5000; i++) {
      const copy = Random.fromState(random.state());
      const u = (copy.nextUint32() * 2 ** 20 + (copy.nextUint32() >>> 12) + 0.5) / 2 ** 52;
      expect(normalDistribution(random.normal())).toBeCloseTo(u, 14);
    }
  });

  it('int is uniform, and reaches both ends', () => {
    const random = new Random(14);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 7000; i++) counts[random.int(7)]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(22.5); // 6 degrees of freedom, one in a thousand
    expect(random.int(1)).toBe(0);
  });

  it('shuffle returns every order of 0 .. 3 about equally often', () => {
    const random = new Random(15);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24 * 200; i++) {
      const order = random.shuffle(4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
    expect(chiSquare).toBeLessThan(49.7); // 23 degrees of freedom, one in a thousand
    expect(random.shuffle(0)).toEqual(new Int32Array(0));
  });

  it('fill functions write the single draws, rounded to the type of the array', () => {
    for (const kind of ['Uniform', 'Normal', 'Gumbel'] as const) {
      const single = kind.toLowerCase() as 'uniform' | 'normal' | 'gumbel';
      for (const array of [new Float32Array(33), new Float64Array(33)]) {
        new Random(16)[`fill${kind}`](array);
        const random = new Random(16);
        const type = array.constructor as Float64ArrayConstructor;
        expect(array).toEqual(type.from(draw(33, () => random[single]())));
      }
    }
  });
});

describe('Random: streams and state', () => {
  it('forks do not depend on what the parent used, nor on other forks', () => {
    const parent = new Random(21);
    const before = parent.fork('dropout').nextUint32();
    parent.normal();
    parent.fork('router').normal();
    expect(parent.fork('dropout').nextUint32()).toBe(before);
  });

  it('forks with different names, and the parent, are different and uncorrelated', () => {
    const parent = new Random(22);
    const names = ['', 'a', 'b', 'ab', 'ba', '0', '1', 0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52];
    const streams = [parent, ...names.map((name) => parent.fork(name)), parent.fork('a').fork('b')];
    const samples = streams.map((stream) => draw(2000, () => stream.uniform() - 0.5));
    for (let i = 0; i < samples.length; i++) {
      for (let j = 0; j < i; j++) {
        const correlation = samples[i].reduce((sum, x, k) => sum + x * samples[j][k], 0) * (12 / 2000);
        expect(Math.abs(correlation)).toBeLessThan(4.5 / Math.sqrt(2000));
      }
    }
  });

  it('continues from a state that went through JSON, after any mix of draws', () => {
    const methods = fc.constantFrom('nextUint32' as const, 'uniform' as const, 'normal' as const);
    fc.assert(
      fc.property(seeds, fc.array(methods, { maxLength: 9 }), (seed, calls) => {
        const random = new Random(seed).fork('stream');
        for (const call of calls) random[call]();
        const copy = Random.fromState(JSON.parse(JSON.stringify(random.state())));
        expect(draw(5, () => copy.nextUint32())).toEqual(draw(5, () => random.nextUint32()));
        expect(copy.fork(1).normal()).toBe(random.fork(1).normal());
      }),
    );
  });

  it('refuses bad seeds, names, ranges and states with one clear line', () => {
    for (const bad of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => new Random(bad)).toThrow(/seed must be a whole number from 0 to 2\^53 - 1/);
      expect(() => new Random(0).fork(bad)).toThrow(/Random\.fork/);
      expect(() => new Random(0).int(bad)).toThrow(/Random\.int: n must be/);
      expect(() => Random.fromState({ key: [0, 0], position: bad })).toThrow(/not a state/);
      expect(() => Random.fromState({ key: [0, bad], position: 0 })).toThrow(/not a state/);
    }
    expect(() => new Random(0).int(0)).toThrow(/Random\.int/);
    expect(() => Random.fromState({ key: [0] } as never)).toThrow(/not a state/);
  });
});
