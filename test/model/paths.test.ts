/** Two ways of running a routed model, one result: what is skipped is never missed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import { Random, type Tensor } from '../../src/index.ts';
import { type ForwardOptions, SkipTransformer } from '../../src/model/skip-transformer.ts';
import { anyConfig, anyText, distance, float64Model, sameBits } from './models.ts';

/** Gradients of the whole training loss with respect to every parameter. */
function gradientsOf(
  model: SkipTransformer,
  ids: Tensor,
  options: ForwardOptions,
): Map<string, Tensor | null> {
  const { logits, densityLoss } = model.forward(ids, options);
  const nll = nextTokenLoss(logits, ids.reshape([ids.size]));
  (densityLoss ? nll.add(densityLoss) : nll).backward();
  const gradients = new Map(model.namedParameters().map(([name, parameter]) => [name, parameter.grad]));
  for (const parameter of model.parameters()) parameter.grad = null;
  return gradients;
}

describe('masked and gathered execution', () => {
  test('give the same logits in evaluation, for every router and wrapping', () => {
    fc.assert(
      fc.property(anyConfig(), anyText(), (config, ids) => {
        const model = float64Model(config).eval();
        const masked = model.forward(ids, { execution: 'masked' });
        const gathered = model.forward(ids, { execution: 'gathered' });
        expect(distance(masked.logits, gathered.logits)).toBeLessThan(1e-11);
        expect(masked.routes.map((r) => r.active.toArray())).toEqual(
          gathered.routes.map((r) => r.active.toArray()),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('give the same gradient for every parameter in training with the taken-branch estimator', () => {
    fc.assert(
      fc.property(anyConfig({ estimator: 'taken-branch' }), anyText(), fc.nat(1000), (config, ids, seed) => {
        const model = float64Model(config);
        const options = { random: new Random(seed), noiseScale: 1, temperature: 0.7 };
        const masked = gradientsOf(model, ids, { ...options, execution: 'masked' });
        const gathered = gradientsOf(model, ids, { ...options, execution: 'gathered' });
        for (const [name, gradient] of masked) {
          const other = gathered.get(name);
          // A layer that no token ran leaves no gradient in the gathered path, and zeros in the masked one.
          const zero = gradient?.mul(0) as Tensor;
          expect(gradient === null ? 0 : distance(gradient, other ?? zero), name).toBeLessThan(1e-10);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('gathered computes less: the FLOPs that ran shrink with the density', () => {
    const config = {
      ...fc.sample(anyConfig({ wraps: 'layer', router: 'random', dim: 8, layers: 3 }), {
        numRuns: 1,
        seed: 1,
      })[0],
    };
    const ids = fc.sample(anyText(3), { numRuns: 1, seed: 3 })[0];
    const cost = (density: number): number =>
      new SkipTransformer({ ...config, density }).eval().forward(ids).flops.executed;
    expect(cost(0.25)).toBeLessThan(0.8 * cost(1));
    expect(cost(0.5)).toBeLessThan(cost(0.9));
  });

  test('training with the straight-through estimator refuses to gather, and says why', () => {
    const config = fc.sample(anyConfig({ router: 'learned', estimator: 'straight-through' }), {
      numRuns: 1,
      seed: 1,
    })[0];
    const ids = fc.sample(anyText(), { numRuns: 1, seed: 1 })[0];
    expect(() => new SkipTransformer(config).forward(ids, { execution: 'gathered' })).toThrow(/taken-branch/);
  });
});

describe('routers forced open', () => {
  test('make the dense transformer, to the last bit', () => {
    fc.assert(
      fc.property(anyConfig({ router: 'learned' }), anyText(), (config, ids) => {
        const routed = new SkipTransformer(config).eval();
        const dense = new SkipTransformer({ ...config, router: 'none' }).eval();
        const weights = [...routed.stateDict()].filter(([name]) => !name.includes('router'));
        dense.loadStateDict(new Map(weights));
        const open = routed.forward(ids, { forceOpen: true });
        expect(sameBits(open.logits.toTypedArray(), dense.forward(ids).logits.toTypedArray())).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('cost exactly what the forward reports as dense', () => {
    fc.assert(
      fc.property(anyConfig(), anyText(), (config, ids) => {
        const model = new SkipTransformer(config).eval();
        const { flops } = model.forward(ids, { forceOpen: true });
        expect(flops.executed).toBeCloseTo(flops.dense, 6);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a skipped token', () => {
  test('passes a layer with the same bits', () => {
    fc.assert(
      fc.property(anyConfig({ wraps: 'layer', layers: 1 }), anyText(), fc.nat(1000), (config, ids, seed) => {
        const model = new SkipTransformer(config);
        const x = model.tokens.forward(ids).detach();
        const options = {
          temperature: 1,
          noiseScale: 1,
          start: 0,
          valid: null,
          forceOpen: false,
          cache: null,
        };
        for (const training of [true, false]) {
          model.train(training);
          const { output, route } = model.layers[0].forward(x, { ...options, random: new Random(seed) });
          const active = route?.active.toTypedArray() as Uint8Array;
          const before = x.toTypedArray();
          const after = output.toTypedArray();
          const dim = config.dim;
          active.forEach((ran, token) => {
            const row = (data: ArrayLike<number>): number[] =>
              Array.from(data).slice(token * dim, (token + 1) * dim);
            expect(sameBits(row(before), row(after))).toBe(ran === 0);
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});
