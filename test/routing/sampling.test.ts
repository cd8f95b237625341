/** What the binary router samples in training: Gumbel noise, and so decisions with the probabilities of the softmax. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromTypedArray, Random, type Tensor, tensor } from '../../src/index.ts';
import { BinaryRouter } from '../../src/routing/binary-router.ts';
import type { RouteOptions } from '../../src/routing/router.ts';
import { holdsFor, sameBits } from '../model/models.ts';
import { chiSquare, chiSquareLimit, countsInBins } from './chi-square.ts';
import { options } from './routers.ts';

/** A router in training whose logits are its input. */
function openRouter(): BinaryRouter {
  const router = new BinaryRouter(2, new Random(0), 'taken-branch');
  router.gate.weight = tensor(
    [
      [1, 0],
      [0, 1],
    ],
    { dtype: 'float64', requiresGrad: true },
  );
  return router;
}

/** Many tokens with the same logits: (1, N, 2). */
function repeated(logits: readonly number[], tokens: number): Tensor {
  return tensor([[[...logits]]], { dtype: 'float64' }).expand([1, tokens, 2]);
}

/** How many of many tokens with these logits run. */
function runs(logits: readonly number[], tokens: number, given: Partial<RouteOptions>): number {
  const { active } = openRouter().route(repeated(logits, tokens), { ...options, ...given });
  return active.to('float64').sum().item();
}

const gumbel = (x: number): number => Math.exp(-Math.exp(-x));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('the noise', () => {
  const draws = 1 << 16;
  const bins = 64;
  const even = new Array<number>(bins).fill(draws / bins);

  test.each([Float64Array, Float32Array])('follows Gumbel(0, 1), drawn into a %o', (Numbers) => {
    const noise = new Numbers(draws);
    new Random(21).fillGumbel(noise);
    expect(chiSquare(countsInBins(noise, bins, gumbel), even)).toBeLessThan(chiSquareLimit(bins - 1));
  });

  test('of a token’s two sides, and of two tokens in a row, is independent', () => {
    const noise = new Float64Array(2 * draws + 2);
    new Random(22).fillGumbel(noise);
    const eighth = (x: number): number => Math.floor(gumbel(x) * 8);
    for (const distance of [1, 2]) {
      const pairs = new Array<number>(bins).fill(0);
      for (let i = 0; i < 2 * draws; i += 2) pairs[8 * eighth(noise[i]) + eighth(noise[i + distance])]++;
      expect(chiSquare(pairs, even)).toBeLessThan(chiSquareLimit(bins - 1));
    }
  });

  test('is told from other laws by this test: a tenth wider, a tenth to the right, or normal', () => {
    const noise = new Float64Array(draws);
    new Random(21).fillGumbel(noise);
    const normal = new Float64Array(draws);
    new Random(21).fillNormal(normal);
    for (const wrong of [noise.map((x) => 1.1 * x), noise.map((x) => x + 0.1), normal]) {
      expect(chiSquare(countsInBins(wrong, bins, gumbel), even)).toBeGreaterThan(
        5 * chiSquareLimit(bins - 1),
      );
    }
  });

  test('is what the router adds to its logits, two numbers a token', () => {
    const example = fc.record({
      seed: fc.nat(10_000),
      tokens: fc.integer({ min: 1, max: 20 }),
      scale: fc.double({ min: 0.01, max: 4, noNaN: true }),
    });
    holdsFor('noise', example, ({ seed, tokens, scale }) => {
      const noise = new Float64Array(2 * tokens);
      new Random(seed).fillGumbel(noise);
      const { active } = openRouter().route(repeated([0.3, -0.2], tokens), {
        ...options,
        random: new Random(seed),
        noiseScale: scale,
      });
      const expected = Array.from({ length: tokens }, (_, t) =>
        Number(-0.2 + scale * noise[2 * t + 1] > 0.3 + scale * noise[2 * t]),
      );
      expect(Array.from(active.toTypedArray())).toEqual(expected);
    });
  });
});

describe('sampled decisions', () => {
  const tokens = 20_000;
  const logits: [skip: number, run: number][] = [
    [0, 0],
    [1, 0],
    [-0.5, 1.2],
    [3, 0.5],
    [-2, -2.3],
    [0.1, 3.2],
  ];

  /** χ² of run and skip counts against P(run) = σ((l₁ − l₀) / scale), over all logits: a degree of freedom each. */
  function misfit(noiseScale: number, temperature: number): number {
    return logits.reduce((sum, [skip, run], i) => {
      const p = sigmoid((run - skip) / noiseScale);
      const ran = runs([skip, run], tokens, { random: new Random(31).fork(i), noiseScale, temperature });
      return sum + chiSquare([ran, tokens - ran], [tokens * p, tokens * (1 - p)]);
    }, 0);
  }

  test.each([
    [1, 1],
    [1, 0.2],
    [1, 4],
    [0.5, 1],
    [2.5, 0.7],
  ])(
    'run with probability σ((l₁ − l₀) / scale): noise of scale %d, temperature %d',
    (noiseScale, temperature) => {
      expect(misfit(noiseScale, temperature)).toBeLessThan(chiSquareLimit(logits.length));
    },
  );

  test('are the same for every temperature', () => {
    const example = fc.record({
      seed: fc.nat(10_000),
      gap: fc.double({ min: -2, max: 2, noNaN: true }),
      other: fc.double({ min: 0.05, max: 20, noNaN: true }),
    });
    holdsFor('temperature', example, ({ seed, gap, other }) => {
      const [a, b] = [1, other].map((temperature) => {
        const z = repeated([0, gap], 100);
        return openRouter().route(z, { ...options, random: new Random(seed), temperature }).active;
      });
      expect(sameBits(a.toTypedArray(), b.toTypedArray())).toBe(true);
    });
  });

  test('are drawn anew for every step and layer', () => {
    const seen = ['a', 'b'].flatMap((step) =>
      [0, 1].map((layer) => {
        const random = new Random(1).fork(step).fork(layer);
        return openRouter()
          .route(repeated([0, 0], 64), { ...options, random })
          .active.toTypedArray()
          .join();
      }),
    );
    expect(new Set(seen).size).toBe(4);
  });

  test('need no luck without noise: scale 0, or no source of randomness, is the likelier side', () => {
    const logit = fc.double({ min: -3, max: 3, noNaN: true });
    holdsFor(
      'no noise',
      fc.record({ pair: fc.tuple(logit, logit), seed: fc.nat(10_000) }),
      ({ pair, seed }) => {
        const expected = pair[1] > pair[0] ? 50 : 0;
        expect(runs(pair, 50, { random: new Random(seed), noiseScale: 0 })).toBe(expected);
        expect(runs(pair, 50, { random: null })).toBe(expected);
      },
    );
  });

  test('fall most often on the side that evaluation takes', () => {
    // From a gap of 0.2 on, 4000 draws put the likelier side below one half once in 10⁹ runs.
    const size = fc.double({ min: 0.2, max: 4, noNaN: true });
    const example = fc.record({ size, side: fc.constantFrom(-1, 1), seed: fc.nat(10_000) });
    holdsFor('mode', example, ({ size, side, seed }) => {
      const gap = side * size;
      const sampled = runs([0, gap], 4000, { random: new Random(seed) });
      const evaluated = openRouter()
        .eval()
        .route(fromTypedArray(Float64Array.of(0, gap), [1, 1, 2]), options).active;
      expect(sampled > 2000).toBe(evaluated.toTypedArray()[0] === 1);
    });
  });
});
