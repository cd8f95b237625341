/**
 * What must hold in float32 where numbers are large, equal or missing: a softmax knows only differences, a constant row
 * has no deviation, a query that may read nothing gets nothing. Values, gradients, and gradients of gradients.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpu } from '../../src/device/cpu.ts';
import { reference } from '../../src/device/reference.ts';
import { cat, fromTypedArray, gradients, Random, randn, type Tensor } from '../../src/index.ts';
import { largest, numbersOf, type TensorFunction } from './derivatives.ts';
import { holds } from './runs.ts';

const devices = { reference, cpu };
/** Half the distance from 1 to the next float32. */
const ROUNDING = 2 ** -24;

/** Expects what `at` computes from numbers around ±1e4 to be what it computes around 0, to a few roundings of `scale`. */
function expectSameAround(
  at: (shift: number) => number[][],
  scale: (which: number) => number,
  seed: number,
): void {
  const expected = at(0);
  for (const shift of [1e4, -1e4]) {
    at(shift).forEach((numbers, which) => {
      const error = largest(numbers.map((value, i) => value - expected[which][i]));
      expect(error, `around ${shift}, result ${which}, seed ${seed}`).toBeLessThanOrEqual(
        16 * ROUNDING * Math.max(scale(which), largest(expected[which])),
      );
    });
  }
}

describe.each(Object.entries(devices))('in float32 on %s', (_, device) => {
  /** Multiples of 2⁻¹⁰ between −4 and 4: float32 holds them exactly with 1e4 added. */
  const logits = (random: Random, rows: number, columns: number, shift: number): Tensor => {
    const values = Float32Array.from(
      { length: rows * columns },
      () => (random.int(8192) - 4096) / 1024 + shift,
    );
    return fromTypedArray(values, [rows, columns], { device, requiresGrad: true });
  };
  const targets = (random: Random, rows: number, columns: number): Tensor =>
    fromTypedArray(
      Int32Array.from({ length: rows }, () => random.int(columns)),
      [rows],
      { device },
    );

  /** Value, gradient for a random cotangent, and gradient of the gradient's weighted sum. */
  const derivatives = (f: TensorFunction, x: Tensor, seed: number): number[][] => {
    const random = new Random(seed);
    const weights = (like: Tensor): Tensor => randn(like.shape, random, { device });
    const y = f(x);
    const [first] = gradients(y, [x], { gradient: weights(y), createGraph: true });
    const [second] = gradients(first.mul(weights(first)).sum(), [x]);
    const [fused] = gradients(f(x), [x], { gradient: randn(y.shape, new Random(seed), { device }) });
    return [y, first, second, fused].map(numbersOf);
  };

  const differences: Record<string, (x: Tensor, target: Tensor) => Tensor> = {
    softmax: (x) => x.softmax(),
    logSoftmax: (x) => x.logSoftmax(),
    crossEntropy: (x, target) => x.crossEntropy(target),
    'logSumExp, less one of its logits': (x) => x.logSumExp(-1).sub(x.select(-1, 0)),
  };

  test.each(Object.entries(differences))('%s of logits around ±1e4 is that of logits around 0', (name, f) => {
    holds(name, (g) => {
      const seed = g(fc.nat);
      const at = (shift: number): number[][] => {
        const random = new Random(seed);
        const x = logits(random, 3, 7, shift);
        const target = targets(random, 3, 7);
        return derivatives((given) => f(given, target), x, seed);
      };
      // A value may round like the logits it is made of; slopes are made of differences alone.
      expectSameAround(at, (which) => (which === 0 && name.startsWith('logSumExp') ? 1e4 : 1), seed);
    });
  });

  test('attention whose scores are all around ±1e4 is that of scores around 0', () => {
    holds('attention', (g) => {
      const seed = g(fc.nat);
      const at = (shift: number): number[][] => {
        const random = new Random(seed);
        const [query, key, value] = Array.from({ length: 3 }, () => randn([1, 2, 5, 4], random, { device }));
        // One more axis, the same in every key: it adds `shift` to every score.
        const one = query.mul(0).add(1).slice(-1, 0, 1);
        const inputs = [
          cat([query, one.mul(shift < 0 ? -100 : 100)], -1),
          cat([key, one.mul(Math.abs(shift) / 100)], -1),
          cat([value, one], -1),
        ].map((x) => x.detach());
        for (const x of inputs) x.requiresGrad = true;
        const [q, k, v] = inputs;
        const y = q.scaledDotProductAttention(k, v, { causal: true, scale: 1 });
        const slopes = gradients(y, inputs, { gradient: randn(y.shape, random, { device }) });
        // The slopes along the added axis itself are of another size.
        return [y, ...slopes].map((x) => numbersOf(x.slice(-1, 0, 4)));
      };
      // SIMD kernels keep scores in float32, where a score of 1e4 is rounded to 1e-3; the reference keeps them in float64.
      expectSameAround(at, () => (device.name === 'reference' ? 1 : 1e4), seed);
    });
  });

  test('a query that may read no key gets 0, and passes no gradient on', () => {
    const random = new Random(3);
    const inputs = Array.from({ length: 3 }, () =>
      randn([1, 1, 3, 2], random, { device, requiresGrad: true }),
    );
    const [query, key, value] = inputs;
    const positions = fromTypedArray(Int32Array.of(-1, 1, -1), [1, 3], { device });
    const y = query.scaledDotProductAttention(key, value, { causal: true, positions });
    const rows = y.reshape([3, 2]).toArray() as number[][];
    expect([rows[0], rows[2]]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(largest(rows[1])).toBeGreaterThan(0);
    const weights = randn(y.shape, random, { device });
    for (const createGraph of [false, true]) {
      const slopes = gradients(y, inputs, { gradient: weights, createGraph, retainGraph: true });
      expect(slopes.every((x) => numbersOf(x).every(Number.isFinite))).toBe(true);
      const ofQuery = slopes[0].reshape([3, 2]).toArray() as number[][];
      expect([ofQuery[0], ofQuery[2]].flat().map(Math.abs)).toEqual([0, 0, 0, 0]);
      // Position 1 reads keys 0 and 1 only.
      expect(numbersOf(slopes[1].select(2, 2)).map(Math.abs)).toEqual([0, 0]);
    }
  });

  test('layerNorm of rows around ±1e4 is that of rows around 0, and so are its slopes', () => {
    holds('layerNorm', (g) => {
      const seed = g(fc.nat);
      const at = (shift: number): number[][] => {
        const random = new Random(seed);
        const x = logits(random, 3, 8, shift);
        const [weight, bias] = [0, 1].map(() => randn([8], random, { device, requiresGrad: true }));
        const y = x.layerNorm(weight, bias);
        // From the kernel; recorded, it runs through its composite, whose float32 mean rounds as the rows do.
        return [y, ...gradients(y, [x, weight, bias], { gradient: randn([3, 8], random, { device }) })].map(
          numbersOf,
        );
      };
      expectSameAround(at, () => 1, seed);
    });
  });

  test.each([0, 1, -300, 1e4, 1e-30])(
    'layerNorm of rows of %f is its bias, with slopes that are finite',
    (level) => {
      const x = fromTypedArray(new Float32Array(12).fill(level), [3, 4], { device, requiresGrad: true });
      const weight = fromTypedArray(Float32Array.of(1, -2, 3, 4), [4], { device, requiresGrad: true });
      const bias = fromTypedArray(Float32Array.of(5, 6, -7, 0), [4], { device, requiresGrad: true });
      const y = x.layerNorm(weight, bias);
      expect(y.toArray()).toEqual([0, 1, 2].map(() => [5, 6, -7, 0]));
      const inputs = [x, weight, bias];
      const first = gradients(y, inputs, {
        gradient: randn([3, 4], new Random(1), { device }),
        createGraph: true,
      });
      const slope = first.map((g) => g.square().sum()).reduce((sum, part) => sum.add(part));
      for (const g of [...first, ...gradients(slope, inputs)]) {
        expect(numbersOf(g).every(Number.isFinite)).toBe(true);
      }
      // The normalised row is 0: no weight is asked for.
      expect(largest(numbersOf(first[1]))).toBe(0);
    },
  );

  test('a sum of ten million numbers is off by no more than its last rounding', () => {
    // Accumulated in float64: the error is at most n · 2⁻⁵³ · Σ|x|, far below half a unit of the float32 result.
    const count = 10_000_000;
    const random = new Random(9);
    const values = new Float32Array(count);
    random.fillUniform(values);
    let exact = 0;
    let lost = 0;
    for (const value of values) {
      // Neumaier's compensated sum: exact to the last bit here.
      const next = exact + value;
      lost += Math.abs(exact) >= Math.abs(value) ? exact - next + value : value - next + exact;
      exact = next;
    }
    const x = fromTypedArray(values, [count], { device });
    expect(x.sum().item()).toBe(Math.fround(exact + lost));
    expect(x.mean().item()).toBeCloseTo((exact + lost) / count, 7);
  });
});
