/** The whole binary router: a hard forward, and the stated surrogate gradient for logits, weights and input. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromTypedArray, gradients, Random, randn, type Tensor, tensor } from '../../src/index.ts';
import { BinaryRouter } from '../../src/routing/binary-router.ts';
import { densityLoss } from '../../src/routing/density-loss.ts';
import type { EstimatorName } from '../../src/routing/estimators.ts';
import type { RouteOptions } from '../../src/routing/router.ts';
import { distance, estimatorNames, holdsFor, sameBits } from '../model/models.ts';
import { f64, options } from './routers.ts';

interface Scene {
  shape: [batch: number, tokens: number, dim: number];
  /** What everything random is drawn from. */
  seed: number;
  temperature: number;
  noiseScale: number;
  /** Which tokens count, one entry a token. */
  counts: boolean[];
}

/** Sizes, temperature, noise and padding of a call. */
function anyScene(): fc.Arbitrary<Scene> {
  const size = fc.integer({ min: 1, max: 4 });
  return fc.tuple(size, size, fc.integer({ min: 2, max: 4 })).chain((shape) =>
    fc.record({
      shape: fc.constant<Scene['shape']>(shape),
      seed: fc.nat(10_000),
      temperature: fc.double({ min: 0.1, max: 5, noNaN: true }),
      noiseScale: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0.01, max: 4, noNaN: true })),
      counts: fc.array(fc.boolean(), { minLength: shape[0] * shape[1], maxLength: shape[0] * shape[1] }),
    }),
  );
}

/** Tokens z, the layer's input x, the branch's result y, a cotangent (B, T, D) and W_G (2, D), in float64. */
function leaves({ shape, seed }: Scene): { z: Tensor; x: Tensor; y: Tensor; delta: Tensor; weight: Tensor } {
  const random = new Random(seed).fork('leaves');
  const [z, x, y, delta] = [0, 1, 2, 3].map(() => randn(shape, random, f64));
  return { z, x, y, delta: delta.detach(), weight: randn([2, shape[2]], random, f64) };
}

function routerWith(weight: Tensor, estimator: EstimatorName): BinaryRouter {
  const router = new BinaryRouter(weight.shape[1], new Random(0), estimator);
  router.gate.weight = weight;
  return router;
}

/** The options of a scene, with the same noise every time. */
function optionsOf({ seed, temperature, noiseScale, shape, counts }: Scene): RouteOptions {
  const valid = fromTypedArray(Uint8Array.from(counts, Number), [shape[0], shape[1], 1]);
  return { ...options, random: new Random(seed), temperature, noiseScale, valid };
}

/** By hand, for every token: whether it runs, and ds₁/dl₁ = s₁ s₀ / τ. */
function byHand(z: Tensor, weight: Tensor, scene: Scene): { active: boolean; slope: number }[] {
  const [batch, tokens, dim] = scene.shape;
  const [zs, w] = [z.toTypedArray(), weight.toTypedArray()];
  const noise = new Float64Array(batch * tokens * 2);
  new Random(scene.seed).fillGumbel(noise);
  return Array.from({ length: batch * tokens }, (_, token) => {
    let gap = scene.noiseScale * (noise[2 * token + 1] - noise[2 * token]);
    for (let k = 0; k < dim; k++) gap += zs[token * dim + k] * (w[dim + k] - w[k]);
    const [s1, s0] = [gap, -gap].map((side) => 1 / (1 + Math.exp(-side / scene.temperature)));
    return { active: gap > 0, slope: (s1 * s0) / scene.temperature };
  });
}

/** The gradients of z and W_G that follow from the gradient of each token's l₁; that of l₀ is its negative. */
function throughLogits(
  pull: readonly number[],
  z: Tensor,
  weight: Tensor,
): [dz: number[], dWeight: number[]] {
  const dim = weight.shape[1];
  const [zs, w] = [z.toTypedArray(), weight.toTypedArray()];
  const dz = pull.flatMap((p) => Array.from({ length: dim }, (_, k) => p * (w[dim + k] - w[k])));
  const run = Array.from({ length: dim }, (_, k) =>
    pull.reduce((sum, p, token) => sum + p * zs[token * dim + k], 0),
  );
  return [dz, [...run.map((value) => -value), ...run]];
}

/** Rounding apart: in float64, with at most 16 tokens of 4 numbers. */
function expectClose(found: Tensor, expected: readonly number[], what: string): void {
  const scale = Math.max(1, ...expected.map(Math.abs));
  expect(distance(found, fromTypedArray(Float64Array.from(expected), found.shape)), what).toBeLessThan(
    1e-12 * scale,
  );
}

/** ⟨a, b⟩ of every token's rows of D numbers. */
function dots(a: Tensor, b: Tensor): number[] {
  return [...a.mul(b).sum(-1).toTypedArray()];
}

/** What each estimator states as ∂/∂l₁ of a token, but for the slope s₁ s₀ / τ. */
const stated: Record<
  EstimatorName,
  (delta: Tensor, x: Tensor, y: Tensor, output: Tensor, active: boolean[]) => number[]
> = {
  'straight-through': (delta, x, y) => dots(delta, y.sub(x)),
  'taken-branch': (delta, _x, _y, output, active) =>
    dots(delta, output).map((dot, token) => (active[token] ? dot : -dot)), // ds₀ = −ds₁
};

describe.each(estimatorNames)(
  'the gradient of the loss through a router with the %s estimator',
  (estimator) => {
    test('for W_G and z is the stated one, at any temperature and noise', () => {
      holdsFor(
        estimator,
        anyScene(),
        (scene) => {
          const { z, x, y, delta, weight } = leaves(scene);
          const output = routerWith(weight, estimator).route(z, optionsOf(scene)).combine(x, y);
          const hand = byHand(z, weight, scene);
          const active = hand.map((token) => token.active);
          const pull = stated[estimator](delta, x, y, output, active).map(
            (dot, token) => dot * hand[token].slope,
          );
          const [dz, dWeight] = throughLogits(pull, z, weight);
          const [foundZ, foundWeight] = gradients(output, [z, weight], { gradient: delta });
          expectClose(foundZ, dz, 'z');
          expectClose(foundWeight, dWeight, 'W_G');
        },
        100,
      );
    });

    test('for the logits themselves is the stated one: ± ⟨…⟩ s₁ s₀ / τ', () => {
      holdsFor(
        estimator,
        anyScene(),
        (drawn) => {
          const scene: Scene = { ...drawn, shape: [drawn.shape[0], drawn.shape[1], 2] };
          const { z, x, y, delta } = leaves(scene);
          const weight = tensor(
            [
              [1, 0],
              [0, 1],
            ],
            f64,
          ); // the logits are z
          const output = routerWith(weight, estimator).route(z, optionsOf(scene)).combine(x, y);
          const hand = byHand(z, weight, scene);
          const active = hand.map((token) => token.active);
          const pull = stated[estimator](delta, x, y, output, active).map(
            (dot, token) => dot * hand[token].slope,
          );
          const [found] = gradients(output, [z], { gradient: delta });
          expectClose(
            found,
            pull.flatMap((p) => [-p, p]),
            'logits',
          );
        },
        50,
      );
    });

    test('of the density loss is 2 (r − P) / n · s₁ s₀ / τ for each of the n tokens that count', () => {
      holdsFor(
        estimator,
        fc.record({ scene: anyScene(), target: fc.double({ min: 0.05, max: 1, noNaN: true }) }),
        ({ scene, target }) => {
          const { z, weight } = leaves(scene);
          const { density } = routerWith(weight, estimator).route(z, optionsOf(scene));
          const hand = byHand(z, weight, scene);
          const n = Math.max(1, scene.counts.filter(Boolean).length);
          const r = hand.filter(({ active }, token) => active && scene.counts[token]).length / n;
          const pull = hand.map(({ slope }, token) =>
            scene.counts[token] ? ((2 * (r - target)) / n) * slope : 0,
          );
          const [dz, dWeight] = throughLogits(pull, z, weight);
          const [foundZ, foundWeight] = gradients(densityLoss([density], target), [z, weight]);
          expect(density.item()).toBeCloseTo(r, 12);
          expectClose(foundZ, dz, 'z');
          expectClose(foundWeight, dWeight, 'W_G');
        },
        100,
      );
    });

    test('reaches x and y as the forward used them', () => {
      holdsFor(estimator, anyScene(), (scene) => {
        const { z, x, y, delta, weight } = leaves(scene);
        const { active, combine } = routerWith(weight, estimator).route(z, optionsOf(scene));
        const [dx, dy] = gradients(combine(x, y), [x, y], { gradient: delta });
        expect(sameBits(dx.toTypedArray(), active.where(0, delta).toTypedArray())).toBe(true);
        expect(sameBits(dy.toTypedArray(), active.where(delta, 0).toTypedArray())).toBe(true);
      });
    });
  },
);

describe('the forward of the binary router', () => {
  test('is hard: y where the noisy logits say run, x elsewhere, bit for bit', () => {
    holdsFor('hard', anyScene(), (scene) => {
      const { z, x, y, weight } = leaves(scene);
      const hand = byHand(z, weight, scene);
      for (const estimator of estimatorNames) {
        const { active, combine } = routerWith(weight, estimator).route(z, optionsOf(scene));
        expect(Array.from(active.toTypedArray(), Boolean)).toEqual(hand.map((token) => token.active));
        expect(sameBits(combine(x, y).toTypedArray(), active.where(y, x).toTypedArray())).toBe(true);
      }
    });
  });

  test('is the same, to the last bit, for both estimators and any two temperatures', () => {
    const example = fc.record({ scene: anyScene(), other: fc.double({ min: 0.1, max: 5, noNaN: true }) });
    holdsFor('estimator and temperature', example, ({ scene, other }) => {
      const { z, x, y, weight } = leaves(scene);
      const results = estimatorNames.flatMap((estimator) =>
        [scene.temperature, other].map((temperature) => {
          const route = routerWith(weight, estimator).route(z, { ...optionsOf(scene), temperature });
          return [route.active, route.combine(x, y), route.density].map((result) => result.toTypedArray());
        }),
      );
      for (const result of results)
        result.forEach((bits, i) => expect(sameBits(bits, results[0][i])).toBe(true));
    });
  });

  test('in evaluation is the likelier side, whatever noise, temperature and estimator are handed in', () => {
    holdsFor('evaluation', anyScene(), (scene) => {
      const { z, weight } = leaves(scene);
      const expected = byHand(z, weight, { ...scene, noiseScale: 0 }).map((token) => token.active);
      for (const estimator of estimatorNames) {
        const router = routerWith(weight, estimator).eval();
        const [given, plain] = [optionsOf(scene), { ...options, valid: optionsOf(scene).valid }].map(
          (asked) => {
            const { active, density } = router.route(z, asked);
            return { active, slopes: gradients(density, [z])[0].toTypedArray() };
          },
        );
        expect(Array.from(given.active.toTypedArray(), Boolean)).toEqual(expected);
        expect(sameBits(given.slopes, plain.slopes)).toBe(true);
      }
    });
  });

  test('knows 0 as skip, 1 as run, and skips on a tie', () => {
    const router = routerWith(
      tensor([
        [1, 0],
        [0, 1],
      ]),
      'taken-branch',
    ).eval(); // logits = z
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

  test('leaves padding out of its density', () => {
    const router = routerWith(
      tensor([
        [1, 0],
        [0, 1],
      ]),
      'taken-branch',
    ).eval();
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
