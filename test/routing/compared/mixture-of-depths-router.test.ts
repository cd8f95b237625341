/** Mixture-of-Depths: the largest weights run in training, a predictor decides in evaluation. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fromTypedArray,
  gradcheck,
  gradients,
  Random,
  randn,
  type Tensor,
  tensor,
} from '../../../src/index.ts';
import { MixtureOfDepthsRouter } from '../../../src/routing/compared/mixture-of-depths-router.ts';
import { holdsFor, sameBits } from '../../model/models.ts';
import { f64, options, someTokens } from '../routers.ts';

/** A router whose weights w are its tokens z (B, T, 1). */
function plain(target: number): MixtureOfDepthsRouter {
  const router = new MixtureOfDepthsRouter(1, new Random(0), 1, target);
  router.gate.weight = tensor([[1]], f64);
  router.predictor.weight = tensor([[1]], f64);
  router.predictor.bias = tensor([0], f64);
  return router;
}

describe('in training', () => {
  test('the ⌈P · T⌉ largest of each text run, of its tokens that count', () => {
    const values = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 12, maxLength: 12 });
    const counts = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    const target = fc.constantFrom(0.01, 0.1, 0.3, 1 / 3, 0.5, 0.7, 1);
    const example = fc.record({ values, counts: fc.option(counts), target });
    holdsFor('largest', example, ({ values, counts, target }) => {
      const z = fromTypedArray(Float64Array.from(values), [2, 6, 1]);
      const valid = counts && fromTypedArray(Uint8Array.from(counts, Number), [2, 6, 1]);
      const active = plain(target)
        .route(z, { ...options, valid })
        .active.toTypedArray();
      for (const row of [0, 6]) {
        const counted = [0, 1, 2, 3, 4, 5].map((t) => row + t).filter((i) => counts?.[i] ?? true);
        const order = counted.toSorted((a, b) => values[b] - values[a] || a - b);
        const chosen = order.slice(0, Math.ceil(Number((target * counted.length).toFixed(9))));
        const found = [0, 1, 2, 3, 4, 5].map((t) => row + t).filter((i) => active[i] === 1);
        expect(found).toEqual(chosen.sort((a, b) => a - b));
      }
    });
  });

  test.each([
    ['float32', 0.1, 30, 3], // 0.1 · 30 is 3.0000000000000004 in float64
    ['float64', 0.1, 30, 3],
    ['float32', 0.7, 10, 7],
    ['float64', 0.55, 100, 55],
    ['float64', 0.125, 4, 1],
  ] as const)(
    'the last bit of P · T is not a token more (%s, %d of %i: %i)',
    (dtype, target, tokens, count) => {
      const z = randn([3, tokens, 1], new Random(0), { dtype });
      const router = new MixtureOfDepthsRouter(1, new Random(0), 1, target);
      for (const part of [router.gate, router.predictor]) part.weight = part.weight.detach().to(dtype);
      router.predictor.bias = tensor([0], { dtype });
      const all = fromTypedArray(new Uint8Array(3 * tokens).fill(1), [3, tokens, 1]);
      for (const valid of [null, all]) {
        const { active } = router.route(z, { ...options, valid });
        expect(active.to('int32').sum(1).toArray()).toEqual([[count], [count], [count]]);
      }
    },
  );

  test('the output is x + w (y − x) for them, and x, bit for bit, for the others', () => {
    const z = tensor([[[0.5], [-2], [3], [0.25]]], f64);
    const [x, y] = [1, 2].map((seed) => randn([1, 4, 1], new Random(seed), f64));
    const { active, combine } = plain(0.5).route(z, options);
    expect(active.toArray()).toEqual([[[1], [0], [1], [0]]]);
    const [before, after, output] = [x, y, combine(x, y)].map((t): number[] => [...t.toTypedArray()]);
    for (const [token, w] of [[0, 0.5], [2, 3]] as const) // biome-ignore format: pairs
      expect(output[token]).toBeCloseTo(before[token] + w * (after[token] - before[token]), 12);
    expect(sameBits([output[1], output[3]], [before[1], before[3]])).toBe(true);
  });

  test('has the gradients of finite differences for W_G, z, x and y', () => {
    for (let seed = 0; seed < 10; seed++) {
      const { z, x, y } = someTokens(seed);
      const router = new MixtureOfDepthsRouter(4, new Random(seed), 1, 0.5);
      for (const part of ['weight', 'bias'] as const)
        router.predictor[part] = (router.predictor[part] as Tensor).detach().to('float64');
      const output = (weight: Tensor, ...[tokens, input, result]: Tensor[]): Tensor => {
        router.gate.weight = weight;
        return router.route(tokens, options).combine(input, result);
      };
      const weight = randn([1, 4], new Random(seed), f64);
      const report = gradcheck(output, [weight, z, x, y], { name: `seed ${seed}` });
      expect(report.passed, report.message).toBe(true);
    }
  });
});

describe('the predictor', () => {
  test('decides in evaluation, from a token alone', () => {
    const router = plain(0.25).eval();
    router.predictor.bias = tensor([-1], f64);
    const { active, routerLoss } = router.route(tensor([[[0], [1.5], [3], [2]]], f64), options);
    expect(active.toArray()).toEqual([[[0], [1], [1], [1]]]); // three, where training would run one
    expect(routerLoss).toBeNull();
  });

  test('has the binary cross-entropy of its log-odds as loss, over the tokens that count', () => {
    const z = tensor([[[0.5], [-2], [3], [0.25]]], f64); // the first and third run
    const router = plain(0.5);
    const wanted = tensor([[[1], [0], [1], [0]]], { dtype: 'float64' });
    const loss = router.route(z, options).routerLoss as Tensor;
    expect(loss.item()).toBeCloseTo(z.binaryCrossEntropyWithLogits(wanted).item(), 12);
    const valid = tensor([[[true], [true], [true], [false]]]);
    const counted = router.route(z, { ...options, valid }).routerLoss as Tensor;
    const first = (t: Tensor): Tensor => t.slice(1, 0, 3);
    // ⌈0.5 · 3⌉ is 2: the same two run.
    expect(counted.item()).toBeCloseTo(first(z).binaryCrossEntropyWithLogits(first(wanted)).item(), 12);
  });

  test('is trained by that loss, which reaches nothing else', () => {
    const router = plain(0.5);
    const { z } = someTokens(1);
    const tokens = z.slice(-1, 0, 1);
    const { routerLoss } = router.route(tokens, options);
    const { weight, bias } = router.predictor;
    const slopes = gradients(routerLoss as Tensor, [weight, bias as Tensor, z, router.gate.weight]);
    const sizes = slopes.map((slope) => slope.abs().sum().item());
    expect(sizes[0] * sizes[1]).toBeGreaterThan(0);
    expect(sizes.slice(2)).toEqual([0, 0]);
  });
});
