/** What the estimators promise: a hard forward, and exactly the stated surrogate backward. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromTypedArray, gradcheck, gradients, Random, randn, type Tensor, tensor } from '../../src/index.ts';
import { BinaryRouter } from '../../src/routing/binary-router.ts';
import { densityLoss } from '../../src/routing/density-loss.ts';
import { straightThrough, takenBranch } from '../../src/routing/estimators.ts';
import { RandomRouter } from '../../src/routing/random-router.ts';
import type { RouteOptions } from '../../src/routing/router.ts';
import { distance, sameBits } from '../model/models.ts';

const f64 = { dtype: 'float64', requiresGrad: true } as const;
const options: RouteOptions = { random: null, temperature: 1, noiseScale: 1, start: 0, valid: null };

/** Random probabilities, choices, inputs and branch results for (B, T) = (2, 3), D = 4. */
function scene(seed: number): { s1: Tensor; active: Tensor; x: Tensor; y: Tensor; delta: Tensor } {
  const random = new Random(seed);
  const chances = Float64Array.from({ length: 6 }, () => random.uniform());
  return {
    s1: fromTypedArray(chances, [2, 3, 1], { requiresGrad: true }),
    active: fromTypedArray(
      Uint8Array.from(chances, (s) => Number(s > 0.5)),
      [2, 3, 1],
    ),
    x: randn([2, 3, 4], random, f64),
    y: randn([2, 3, 4], random, f64),
    delta: randn([2, 3, 4], random, { dtype: 'float64' }),
  };
}

describe('both estimators', () => {
  test('return y where active and x elsewhere, bit for bit', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { s1, active, x, y } = scene(seed);
        const expected = active.where(y, x).toTypedArray();
        expect(sameBits(straightThrough(s1, active, x, y).toTypedArray(), expected)).toBe(true);
        expect(sameBits(takenBranch(s1, active, x, y).toTypedArray(), expected)).toBe(true);
      }),
    );
  });

  test('pass the gradient to x and y as the forward used them', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { s1, active, x, y, delta } = scene(seed);
        for (const estimator of [straightThrough, takenBranch]) {
          const [dx, dy] = gradients(estimator(s1, active, x, y), [x, y], { gradient: delta });
          expect(distance(dx, active.where(0, delta))).toBe(0);
          expect(distance(dy, active.where(delta, 0))).toBe(0);
        }
      }),
    );
  });
});

describe('the surrogate gradients', () => {
  test('A: ⟨δ, y − x⟩ for every token', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { s1, active, x, y, delta } = scene(seed);
        const [ds] = gradients(straightThrough(s1, active, x, y), [s1], { gradient: delta });
        const d = [delta, x, y].map((t) => t.toTypedArray());
        ds.toTypedArray().forEach((value: number, token: number) => {
          let dot = 0;
          for (let i = token * 4; i < token * 4 + 4; i++) dot += d[0][i] * (d[2][i] - d[1][i]);
          expect(value).toBeCloseTo(dot, 12);
        });
      }),
    );
  });

  test('B: ⟨δ, output⟩ for the branch taken', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { s1, active, x, y, delta } = scene(seed);
        const output = takenBranch(s1, active, x, y);
        const [ds] = gradients(output, [s1], { gradient: delta });
        const [d, out] = [delta.toTypedArray(), output.toTypedArray()];
        ds.toTypedArray().forEach((value: number, token: number) => {
          let dot = 0;
          for (let i = token * 4; i < token * 4 + 4; i++) dot += d[i] * out[i];
          expect(value).toBeCloseTo(dot, 12);
        });
      }),
    );
  });

  test('A is the derivative of the soft mixture s₁ y + (1 − s₁) x with respect to s₁', () => {
    const { s1, active, x, y, delta } = scene(3);
    const soft = s1.mul(y).add(s1.neg().add(1).mul(x));
    const [expected] = gradients(soft, [s1], { gradient: delta });
    const [ds] = gradients(straightThrough(s1, active, x, y), [s1], { gradient: delta });
    expect(distance(ds, expected)).toBeLessThan(1e-12);
  });
});

describe('the binary router', () => {
  test('with the same noise, A and B decide alike', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.1, max: 3, noNaN: true }), (seed, temperature) => {
        const z = randn([2, 5, 4], new Random(seed));
        const routes = (['straight-through', 'taken-branch'] as const).map((estimator) =>
          new BinaryRouter(4, new Random(seed), estimator, 1).route(z, {
            ...options,
            random: new Random(seed),
            temperature,
          }),
        );
        expect(routes[0].active.toArray()).toEqual(routes[1].active.toArray());
      }),
    );
  });

  test('takes the likelier side without noise in evaluation, and knows 0 as skip, 1 as run', () => {
    const router = new BinaryRouter(2, new Random(0), 'taken-branch').eval() as BinaryRouter;
    router.gate.weight.assign(
      tensor([
        [1, 0],
        [0, 1],
      ]),
    ); // logits = z
    const z = tensor([
      [
        [2, 1],
        [1, 2],
        [1, 1],
      ],
    ]);
    const { active } = router.route(z, { ...options, random: new Random(9) });
    expect(active.toArray()).toEqual([[[0], [1], [0]]]);
  });

  test('runs a token with probability softmax(logits)₁ when it samples (chi-square, fixed seed)', () => {
    const router = new BinaryRouter(2, new Random(0), 'taken-branch');
    router.gate.weight.assign(
      tensor([
        [1, 0],
        [0, 1],
      ]),
    );
    const tokens = 20_000;
    for (const [skip, run] of [
      [0, 0],
      [1, 0],
      [-0.5, 1.2],
    ]) {
      const z = tensor([skip, run]).reshape([1, 1, 2]).expand([1, tokens, 2]);
      const { active } = router.route(z, { ...options, random: new Random(11), temperature: 0.5 });
      const p = 1 / (1 + Math.exp(skip - run));
      const ran = active.to('float32').sum().item();
      const chiSquare = (ran - tokens * p) ** 2 / (tokens * p * (1 - p));
      expect(chiSquare).toBeLessThan(6.63); // 1 % of fair samplers exceed it; the seed is fixed
    }
  });

  test('leaves padding out of its density', () => {
    const router = new BinaryRouter(2, new Random(0), 'taken-branch').eval() as BinaryRouter;
    router.gate.weight.assign(
      tensor([
        [1, 0],
        [0, 1],
      ]),
    );
    const z = tensor([
      [
        [0, 1],
        [1, 0],
        [0, 1],
        [0, 1],
      ],
    ]);
    const valid = tensor([[[true], [true], [false], [false]]]);
    expect(router.route(z, { ...options, valid }).density.item()).toBe(0.5);
    expect(router.route(z, options).density.item()).toBe(0.75);
  });
});

describe('the random router', () => {
  test('runs tokens at its density, whatever they are, and differs from layer to layer and step to step', () => {
    const z = randn([4, 500, 2], new Random(0));
    const router = new RandomRouter(0.3, 0, 0);
    const draw = (seed: number): Tensor => router.route(z, { ...options, random: new Random(seed) }).active;
    expect(Math.abs(draw(1).to('float32').mean().item() - 0.3)).toBeLessThan(0.03);
    expect(draw(1).toArray()).toEqual(draw(1).toArray());
    expect(draw(1).toArray()).not.toEqual(draw(2).toArray());
  });
});

test('random routers of two layers draw independently, in evaluation too', () => {
  const z = randn([4, 500, 2], new Random(0));
  const [a, b] = [0, 1].map((layer) =>
    new RandomRouter(0.5, 0, layer).eval().route(z, options).active.to('float32'),
  );
  const both = a.mul(b).mean().item();
  expect(Math.abs(both - 0.25)).toBeLessThan(0.03); // ½ if they shared their draws
});

describe('the density loss', () => {
  test('is the sum, not the mean, of squared distances from the target', () => {
    const loss = densityLoss([tensor(0.7), tensor(0.4)], 0.5);
    expect(loss.item()).toBeCloseTo(0.04 + 0.01, 6);
    expect(densityLoss([tensor(0.7), tensor(0.4)], [0.7, 0.3]).item()).toBeCloseTo(0.01, 6);
    expect(() => densityLoss([tensor(0.7)], [0.1, 0.2])).toThrow(/2 targets do not fit 1 layers/);
  });

  test('has the hand-derived gradient 2 (r − P) / (B T) for each token’s probability', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const z = randn([2, 3, 4], new Random(seed), f64);
        const router = new BinaryRouter(4, new Random(seed), 'taken-branch', 1);
        router.gate.weight = randn([2, 4], new Random(seed + 1), f64);
        const { density } = router.route(z, options);
        const loss = densityLoss([density], 0.5);
        const [dz] = gradients(loss, [z]);
        // By hand: through s₁ = σ(l₁ − l₀), each token gets 2 (r − P) / 6 · s₁ s₀ · (w₁ − w₀).
        const w = router.gate.weight.toTypedArray();
        const zs = z.toTypedArray();
        const r = density.item();
        dz.toTypedArray().forEach((value: number, i: number) => {
          const token = Math.floor(i / 4);
          let gap = 0;
          for (let k = 0; k < 4; k++) gap += zs[token * 4 + k] * (w[4 + k] - w[k]);
          const s1 = 1 / (1 + Math.exp(-gap));
          const slope = w[4 + (i % 4)] - w[i % 4];
          expect(value).toBeCloseTo(((2 * (r - 0.5)) / 6) * s1 * (1 - s1) * slope, 10);
        });
      }),
      { numRuns: 30 },
    );
  });
});

test('gradcheck tells a surrogate from a derivative', () => {
  const { s1, active, x, y } = scene(1);
  const report = gradcheck((s) => straightThrough(s, active, x.detach(), y.detach()), [s1]);
  expect(report.passed).toBe(false);
});
