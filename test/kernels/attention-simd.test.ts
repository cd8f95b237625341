/** Attention in WebAssembly against the float64 reference, around the edges of vectors, panels, blocks and groups. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simdAttention } from '../../kernels/attention/simd.ts';
import type { AttentionMask, TypedArray } from '../../kernels/contract.ts';
import { type HostView, sizeOf } from '../../kernels/strides.ts';
import { Random } from '../../src/index.ts';
import {
  expectAttention,
  expectUnread,
  type Inputs,
  intView,
  type Results,
  rowNorm,
} from './attention-results.ts';
import { watch } from './machines.ts';
import { indices, layouts, packedView, place, resultOf, viewOf } from './views.ts';

const { expectParity } = watch(simdAttention);
const inWidePanels = watch(simdAttention, { wide: true, madd: false });
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Half the distance from 1 to the next float32. */
const ROUNDING = 2 ** -24;
/** The smallest number above 0. */
const SMALLEST = 2 ** -149;

/**
 * How far results may be from the true ones, from the roundings of every step: a product over n terms is off by at most n
 * roundings of the sum of its terms' sizes, which for rows of heads is at most the product of their norms. A weight is
 * off by twice what scores are, and 16 roundings for the exponential, the sum and the quotient. Among numbers smaller
 * than normal ones a rounding costs a unit of the last place, of which later factors make more.
 */
function bounds({ g, query, key, value, scale }: Inputs): Results<number> {
  const [batches, , tokens, d] = query.shape;
  const [keys, queries] = [key.shape[2], batches * tokens];
  const [ng, nq, nk, nv] = [g, query, key, value].map(rowNorm);
  const factor = Math.abs(scale);
  const weight = 2 * (d + 4) * factor * nq * nk + 16;
  const slope = 2 * ng * nv;
  const slopeError = slope * (weight + 2 * d + 8);
  const tiny = SMALLEST * (keys + queries + d + 8) * (1 + ng) * (1 + nv) * (1 + factor * (nq + nk));
  return {
    out: ROUNDING * nv * (weight + keys + 2) + tiny,
    dQuery: ROUNDING * factor * nk * (slopeError + slope * (keys + 2)) + tiny,
    dKey: ROUNDING * factor * nq * queries * (slopeError + slope * (queries + 2)) + tiny,
    dValue: ROUNDING * ng * queries * (weight + queries + 4) + tiny,
  };
}

/** Runs forward and backward, and expects both to be what the reference gives. */
function expectBoth(inputs: Inputs, parity = expectParity): Results<TypedArray> {
  return expectAttention(parity, inputs, bounds(inputs));
}

const extents = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(12, 15, 16, 17, 31, 32, 33));
const cases = fc
  .record({
    keyBatches: fc.integer({ min: 1, max: 3 }),
    heads: fc.integer({ min: 1, max: 3 }),
    keys: fc.oneof(extents, fc.constantFrom(63, 65)),
    d: extents,
    tokens: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom(19, 20, 21, 39, 41)),
    causal: fc.boolean(),
    positions: fc.boolean(),
    gathered: fc.constantFrom(null, 0, 1, 2, 7, 33),
    scale: fc.constantFrom(0.3, 1, -0.5, 0),
    layouts: fc.tuple(layouts, layouts, layouts),
    packed: fc.boolean(), // keys and values
    seed: fc.nat(),
  })
  .map(({ keyBatches, heads, keys, d, tokens, gathered, ...drawn }): Inputs => {
    const random = new Random(drawn.seed);
    const batches = gathered ?? keyBatches;
    const draw = (count: number, from: number, below: number): number[] =>
      Array.from({ length: count }, () => from + random.int(below - from));
    const inOrder = (shape: number[]): HostView => packedView(shape, random.int(4), () => random.normal());
    const queryShape = [batches, heads, tokens, d];
    const keyShape = [keyBatches, heads, keys, d];
    const { causal, positions, scale, packed, layouts } = drawn;
    return {
      g: inOrder(queryShape),
      query: viewOf(queryShape, layouts[0], 'float32'),
      key: packed ? inOrder(keyShape) : viewOf(keyShape, layouts[1], 'float32'),
      value: packed ? inOrder(keyShape) : viewOf(keyShape, layouts[2], 'float32'),
      mask: {
        causal,
        positions: positions
          ? intView(draw(batches * tokens, -1, keys + 2), [batches, tokens], random.int(3))
          : null,
        batch: gathered === null ? null : intView(draw(batches, 0, keyBatches), [batches], random.int(3)),
      },
      scale,
    };
  });

/** Random numbers of the plainest shape. */
function inputs(
  { batches = 1, heads = 1, tokens = 1, keyBatches = batches, keys = tokens, d = 8 }: Record<string, number>,
  mask: Partial<AttentionMask<TypedArray>> = {},
): Inputs {
  const random = new Random(7);
  const view = (shape: number[]): HostView => packedView(shape, 1, () => random.normal());
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

describe('attention in WebAssembly is that of the reference', () => {
  test('for sizes around all edges, any strides and any mask', () => {
    fc.assert(
      fc.property(cases, (inputs) => void expectBoth(inputs)),
      { numRuns: 40 },
    );
  });

  test('for numbers that are not finite, huge or tiny, wherever they are', () => {
    const special = fc.constantFrom(nan, inf, -inf, -0, 1e-40, -1e-42, 3e5);
    const spots = fc.array(fc.tuple(fc.constantFrom('g', 'query', 'key', 'value'), fc.nat(), special), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(cases, spots, (drawn, planted) => {
        for (const [name, at, number] of planted) {
          const view = drawn[name as 'g'];
          const size = sizeOf(view.shape);
          if (size === 0) continue;
          const index = [...indices(view.shape)][at % size];
          view.buffer[place(view, index)] = number;
        }
        expectBoth(drawn);
      }),
      { numRuns: 40 },
    );
  });

  test('for long sequences, whose queries are cut into groups, and heads that make several parts', () => {
    expectBoth(inputs({ batches: 2, heads: 3, tokens: 300, d: 16 }));
  });

  test('for scores so far apart that all weight is on one key', () => {
    const drawn = inputs({ tokens: 40 });
    for (const view of [drawn.query, drawn.key]) {
      view.buffer.forEach((x, i) => {
        view.buffer[i] = Math.sign(x) * 30;
      });
    }
    expectBoth(drawn);
  });
});

describe('what a query does not read does not touch it', () => {
  /** What is behind the last key read is NaN, or infinite, in all of key, value, query and gradient. */
  test.each([nan, inf, -inf])('be it %f', (number) => {
    const [tokens, d] = [50, 9];
    const clean = inputs({ batches: 2, heads: 2, tokens, d });
    expectUnread(clean, 30, number, expectBoth);
  });

  test('padding may hold anything, and its results are 0', () => {
    const positions = intView([3, -1, 0, -1, 2, 1], [6, 1]);
    const drawn = inputs(
      { batches: 6, keyBatches: 2, keys: 4 },
      { positions, batch: intView([0, 1, 1, 0, 0, 1], [6]) },
    );
    for (const view of [drawn.g, drawn.query]) {
      for (const index of indices(view.shape))
        if ([1, 3].includes(index[0])) view.buffer[place(view, index)] = nan;
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
});

describe('bits are the same', () => {
  const whole = inputs({ batches: 2, heads: 2, tokens: 47, d: 12 });
  const size = 12;

  test('for rows that were gathered as for those of a whole sequence', () => {
    // Every token, in an order that mixes the batch rows, and some padding.
    const tokens = [...Array(100).keys()].map((i) => (i * 37) % 100).map((i) => (i < 94 ? i : -1));
    const pick = (x: HostView): HostView => {
      const rows = resultOf([100, 2, 1, size], 'float32');
      for (const index of indices(rows.shape)) {
        const token = tokens[index[0]];
        const from = [Math.floor(token / 47), index[1], token % 47, index[3]];
        rows.buffer[place(rows, index)] = token < 0 ? nan : x.buffer[place(x, from)];
      }
      return rows;
    };
    const gathered = {
      ...whole,
      g: pick(whole.g),
      query: pick(whole.query),
      mask: {
        causal: true,
        positions: intView(tokens.map((token) => (token < 0 ? -1 : token % 47)), [100, 1]),
        batch: intView(tokens.map((token) => (token < 0 ? 0 : Math.floor(token / 47))), [100]),
      },
    }; // biome-ignore format: a field a line
    const [all, some] = [expectBoth(whole), expectBoth(gathered)];
    const shape = whole.query.shape;
    for (const name of ['out', 'dQuery'] as const) {
      const rows = pick({ ...resultOf(shape, 'float32'), buffer: all[name] });
      expect([...some[name]]).toEqual([...rows.buffer].map((x) => (Number.isNaN(x) ? 0 : x)));
    }
  });

  test('with wide panels as with narrow ones', () => {
    expect(expectBoth(whole, inWidePanels.expectParity)).toEqual(expectBoth(whole));
  });
});

test('parts wait where there is not room for all at once', () => {
  // A machine of its own: what watches it looks through all of its memory.
  const { expectParity, machines } = watch(simdAttention);
  const few = inputs({ batches: 10, tokens: 4, keyBatches: 1, keys: 60_000, d: 1 }, { causal: false });
  const everywhere = ({ shape, strides, ...x }: HostView): HostView => ({
    ...x,
    shape: [10, ...shape.slice(1)],
    strides: [0, ...strides.slice(1)],
  });
  const { query, key, value, mask, scale } = few;
  const out = resultOf(query.shape, 'float32');
  const args = [query, everywhere(key), everywhere(value), mask, scale, out];
  expectParity('attention', args, { absolute: bounds(few).out });
  expect(machines[0].launches).toBeGreaterThan(1);
});
