/** Attention in GLSL against the float64 reference, over few shapes: each head size is compiled. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttentionMask, TypedArray } from '../../kernels/contract.ts';
import type { HostView } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import {
  expectAttention,
  expectUnread,
  type Inputs,
  intView,
  type Results,
  rowNorm,
} from './attention-results.ts';
import { onGpu } from './gpu-parity.ts';
import { indices, layouts, packedView, place, resultOf, viewOf } from './views.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Half the distance from 1 to the next float32. */
const ROUNDING = 2 ** -24;
/** The smallest normal number: what is smaller may be 0. */
const SMALLEST = 2 ** -126;

/** The roundings of a sum of n terms, of the sum of their sizes: those of a part, and one for each part. */
function roundings(n: number): number {
  return Math.min(n, 256) + Math.ceil(n / 64) + 4;
}

/**
 * How far results may be from the true ones, from the roundings that kernels/attention/gpu.ts states. Sizes of products of
 * rows are at most the products of their norms; weights add up to 1.
 */
function bounds({ g, query, key, value, scale }: Inputs): Results<number> {
  const [batches, , tokens, d] = query.shape;
  const [keys, queries] = [key.shape[2], batches * tokens];
  const [ng, nq, nk, nv] = [g, query, key, value].map(rowNorm);
  const factor = Math.abs(scale);
  const weight = 2 * (d + 4) * factor * nq * nk + roundings(keys) + 16;
  const slope = 2 * ng * nv;
  const slopeError = slope * (2 * weight + 2 * d + 8);
  const tiny = SMALLEST * (keys + queries + d + 8) * (1 + ng) * (1 + nv) * (1 + factor * (nq + nk));
  return {
    out: ROUNDING * nv * (weight + roundings(keys)) + tiny,
    dQuery: ROUNDING * factor * nk * (slopeError + slope * roundings(keys)) + tiny,
    dKey: ROUNDING * factor * nq * queries * (slopeError + slope * roundings(queries)) + tiny,
    dValue: ROUNDING * ng * queries * (weight + roundings(queries)) + tiny,
  };
}

interface Sizes {
  readonly batches?: number;
  readonly heads?: number;
  readonly tokens?: number;
  readonly keyBatches?: number;
  readonly keys?: number;
  readonly d?: number;
}

/** Random numbers of the plainest layout. */
function inputs(sizes: Sizes, mask: Partial<AttentionMask<TypedArray>> = {}, seed = 7): Inputs {
  const { batches = 1, heads = 2, tokens = 1, keyBatches = batches, keys = tokens, d = 4 } = sizes;
  const random = new Random(seed);
  const view = (shape: number[]): HostView => packedView(shape, 4, () => random.normal());
  const [queryShape, keyShape] = [
    [batches, heads, tokens, d],
    [keyBatches, heads, keys, d],
  ];
  return {
    g: view(queryShape),
    query: view(queryShape),
    key: view(keyShape),
    value: view(keyShape),
    mask: { causal: true, positions: null, batch: null, ...mask },
    scale: d ** -0.5,
  };
}

/** (B, T, H, D) in memory, shown as (B, H, T, D): how a projection gives heads, with whatever stands between the tokens. */
function permuted([b, h, t, d]: readonly number[], between: number, random: Random): HostView {
  const token = h * d + between;
  const buffer = new Float32Array(4 + b * t * token).fill(nan);
  const shape = [b, h, t, d];
  const view = { buffer, dtype: 'float32' as const, shape, strides: [t * token, d, token, 1], offset: 4 };
  for (const index of indices(shape)) buffer[place(view, index)] = random.normal();
  return view;
}

const masks = fc.record({ causal: fc.boolean(), seed: fc.nat() });
const sizes: Sizes[] = [
  { batches: 2, tokens: 1, d: 16 },
  { batches: 2, tokens: 5, d: 4 },
  { batches: 1, tokens: 33, d: 16 },
  { batches: 2, tokens: 33, d: 6 },
  { batches: 2, tokens: 5, keys: 9, d: 16 },
];

onGpu('attention', (gpu) => {
  /** Runs forward and backward, and expects both to be what the reference gives. */
  function expectBoth(inputs: Inputs): Results<TypedArray> {
    return expectAttention(gpu.expectParity, inputs, bounds(inputs));
  }

  /** How many kernels it compiles. */
  function compiledBy(work: () => void): number {
    const before = gpu.machine.counters.compiled;
    work();
    return gpu.machine.counters.compiled - before;
  }

  /** Rows gathered from anywhere, with padding. */
  function gathered(
    count: number,
    { keyBatches = 3, keys = 7, d = 4, ...sizes }: Sizes,
    seed: number,
  ): Inputs {
    const random = new Random(seed);
    const draw = (from: number, below: number): number[] =>
      Array.from({ length: count }, () => from + random.int(below - from));
    const positions = intView(draw(-1, keys + 2), [count, 1], random.int(3));
    const batch = intView(draw(0, keyBatches), [count], random.int(3));
    return inputs({ batches: count, tokens: 1, keyBatches, keys, d, ...sizes }, { positions, batch }, seed);
  }

  describe('is that of the reference', () => {
    test.each(sizes)('for whole sequences of %o', (size) => {
      fc.assert(
        fc.property(masks, fc.constantFrom(0.3, 1, -0.5, 0), ({ causal, seed }, scale) => {
          expectBoth({ ...inputs(size, { causal }, seed), scale });
        }),
        { numRuns: 4 },
      );
    });

    test.each([4, 6, 16])('for heads of %d in any layout', (d) => {
      fc.assert(
        fc.property(masks, fc.tuple(layouts, layouts, layouts), ({ causal, seed }, drawn) => {
          const plain = inputs({ batches: 2, tokens: 5, keys: 6, d }, { causal }, seed);
          const [query, key, value] = [plain.query, plain.key, plain.value].map(({ shape }, i) =>
            viewOf(shape, drawn[i], 'float32'),
          );
          expectBoth({ ...plain, query, key, value });
        }),
        { numRuns: 6 },
      );
    });

    test.each([4, 6, 16])('for heads of %d as a projection gives them', (d) => {
      const random = new Random(d);
      const plain = inputs({ batches: 2, tokens: 5, d });
      const [query, key, value] = [8, 4, 3].map((between) => permuted(plain.query.shape, between, random));
      expectBoth({ ...plain, query, key, value });
    });

    test.each([4, 6, 16])('for rows that were gathered, with heads of %d', (d) => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 9 }), masks, (count, { causal, seed }) => {
          const drawn = gathered(count, { d }, seed);
          expectBoth({ ...drawn, mask: { ...drawn.mask, causal } });
        }),
        { numRuns: 6 },
      );
    });

    test('for numbers of many magnitudes', () => {
      const magnitude = fc.integer({ min: -12, max: 12 });
      fc.assert(
        fc.property(fc.array(magnitude, { minLength: 4, maxLength: 4 }), fc.nat(), (exponents, seed) => {
          const drawn = inputs({ batches: 2, tokens: 5, d: 16 }, {}, seed);
          // Scores stay below 10⁴: beyond, roundings of a score are all that is left of a weight.
          const factors = [exponents[0], exponents[1], 3 - Math.abs(exponents[1]), exponents[3]];
          for (const [i, name] of (['g', 'query', 'key', 'value'] as const).entries()) {
            const { buffer } = drawn[name];
            buffer.forEach((x, at) => {
              buffer[at] = x * 10 ** factors[i];
            });
          }
          expectBoth(drawn);
        }),
        { numRuns: 10 },
      );
    });

    test('for so many scores that they are taken in blocks', () => {
      const [count, keys] = [1100, 4096];
      const random = new Random(3);
      const positions = Array.from({ length: count }, () => random.int(keys + 1) - 1);
      const batch = intView(new Array(count).fill(0), [count]);
      const drawn = inputs(
        { batches: count, heads: 1, keyBatches: 1, keys, d: 4 },
        { positions: intView(positions, [count, 1]), batch },
      );
      const before = gpu.machine.counters.launches;
      expectBoth(drawn);
      expect(gpu.machine.counters.launches - before).toBeGreaterThan(20);
    });
  });

  describe('what a query does not read does not touch it', () => {
    test.each([nan, inf, -inf])('be it %f', (number) => {
      const clean = inputs({ batches: 2, tokens: 33, d: 16 });
      expectUnread(clean, 30, number, expectBoth);
    });

    test('padding may hold anything, and its results are 0', () => {
      const positions = intView([3, -1, 0, -1, 2, 1], [6, 1]);
      const batch = intView([0, 1, 1, 0, 0, 1], [6]);
      const drawn = inputs({ batches: 6, keyBatches: 2, keys: 4 }, { positions, batch });
      for (const view of [drawn.g, drawn.query]) {
        for (const index of indices(view.shape)) {
          if ([1, 3].includes(index[0])) view.buffer[place(view, index)] = nan;
        }
      }
      const { out, dQuery } = expectBoth(drawn);
      for (const rows of [out, dQuery]) {
        expect([...rows.subarray(8, 16), ...rows.subarray(24, 32)]).toEqual(new Array(16).fill(0));
      }
    });

    test('keys that nobody reads have the gradient 0', () => {
      const drawn = inputs({ batches: 3, keyBatches: 3, keys: 5 }, { batch: intView([2, 0, 2], [3]) });
      const { dKey, dValue } = expectBoth(drawn);
      for (const rows of [dKey, dValue]) expect([...rows.subarray(40, 80)]).toEqual(new Array(40).fill(0));
      expect(dValue.some((x) => x !== 0)).toBe(true);
    });

    test('nothing read at all gives 0 everywhere', () => {
      const positions = intView([-1, -1], [2, 1]);
      for (const found of Object.values(expectBoth(inputs({ batches: 2, keys: 3 }, { positions })))) {
        expect(found.every((x) => x === 0)).toBe(true);
      }
      const { query, mask } = inputs({ batches: 2 });
      const none = packedView([2, 2, 0, 4], 0, () => 0);
      gpu.expectParity('attention', [query, none, none, mask, 1, resultOf(query.shape, 'float32')], {});
    });
  });

  test('for a score that is infinite, or not a number, a row is NaN', () => {
    for (const number of [nan, inf, -inf]) {
      const { query, key, value, mask, scale } = inputs({ tokens: 5 });
      query.buffer[place(query, [0, 0, 2, 1])] = number;
      const [found] = gpu.expectParity(
        'attention',
        [query, key, value, mask, scale, resultOf(query.shape, 'float32')],
        { absolute: 1e-5 },
      );
      expect(found.slice(8, 12)).toEqual(Float32Array.from([nan, nan, nan, nan]));
    }
  });

  test('scores so far apart that all weight is on one key', () => {
    const drawn = inputs({ tokens: 33, d: 16 });
    for (const view of [drawn.query, drawn.key]) {
      view.buffer.forEach((x, i) => {
        view.buffer[i] = Math.sign(x) * 30;
      });
    }
    expectBoth(drawn);
  });

  describe('nothing is compiled', () => {
    test('for another count of gathered rows', () => {
      const run = (count: number): unknown => expectBoth(gathered(count, { d: 16 }, count));
      run(5);
      expect(compiledBy(() => [1, 3, 11].map(run))).toBe(0);
    });

    test.each([6, 16])('for one key more in a cache of heads of %d', (d) => {
      const random = new Random(1);
      const cache = packedView([2, 2, 12, d], 0, () => random.normal());
      const run = (keys: number): void => {
        const key = { ...cache, shape: [2, 2, keys, d] };
        const positions = intView([keys - 1, keys - 1], [2, 1]);
        const drawn = { ...inputs({ batches: 2, d }, { positions }), key, value: key };
        const args = [drawn.query, key, key, drawn.mask, drawn.scale, resultOf(drawn.query.shape, 'float32')];
        gpu.expectParity('attention', args, { absolute: bounds(drawn).out });
      };
      run(3);
      expect(compiledBy(() => [4, 5, 8, 9, 12].map(run))).toBe(0);
    });
  });

  test('scratch is given back', () => {
    const run = (): unknown => expectBoth(inputs({ batches: 2, tokens: 5, d: 6 }));
    run();
    const { textures } = gpu.machine.counters;
    run();
    expect(gpu.machine.counters.textures).toBe(textures);
  });
});
