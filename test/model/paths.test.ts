/** Two ways of running a routed model, one result: what is skipped is never missed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noGrad, Random, type Tensor } from '../../src/index.ts';
import { type ModelConfig, wrapChoices } from '../../src/model/config.ts';
import { type ForwardOptions, SkipTransformer } from '../../src/model/skip-transformer.ts';
import type { BinaryRouter } from '../../src/routing/binary-router.ts';
import {
  anyConfig,
  anyRows,
  executions,
  float64Model,
  gathers,
  holdsFor,
  idsOf,
  layerOptions,
  routerNames,
  sameBits,
  someConfig,
  trainingLoss,
} from './models.ts';
import { type Pattern, patternNumber, tell } from './told-router.ts';

/** Logits, gates and the gradient of the whole training loss for every parameter, after one forward and backward. */
function runOf(model: SkipTransformer, ids: Tensor, options: ForwardOptions): Map<string, Tensor | null> {
  const result = model.forward(ids, options);
  const { logits, routes } = result;
  trainingLoss(result, ids).backward();
  const gates = routes.map(({ active }, layer): [string, Tensor] => [`gates of layer ${layer}`, active]);
  const gradients = model
    .namedParameters()
    .map(([name, parameter]): [string, Tensor | null] => [`gradient of ${name}`, parameter.grad]);
  for (const parameter of model.parameters()) parameter.grad = null;
  return new Map([['logits', logits], ...gates, ...gradients]);
}

/**
 * Expects the same logits and gates from both paths, to the last bit: every row is computed alike, whoever is computed
 * beside it. A parameter's gradient sums over rows, in another order where some are left out: the same to float64's
 * rounding.
 */
function expectSamePaths(model: SkipTransformer, ids: Tensor, options: ForwardOptions = {}): void {
  const masked = runOf(model, ids, { ...options, execution: 'masked' });
  const gathered = runOf(model, ids, { ...options, execution: 'gathered' });
  for (const [name, expected] of masked) {
    const found = gathered.get(name);
    if (name.includes('predictor') && !model.training) {
      expect([expected, found], name).toEqual([null, null]); // it decides, and learns in training alone
      continue;
    }
    expect(expected, name).not.toBeNull();
    const numbers = Array.from((expected as Tensor).toTypedArray());
    // A layer that no token ran leaves no gradient in the gathered path, and zeros in the masked one.
    const others = found ? Array.from(found.toTypedArray()) : numbers.map(() => 0);
    if (name.startsWith('gradient')) {
      const error = Math.max(0, ...numbers.map((value, i) => Math.abs(value - others[i])));
      expect(error, name).toBeLessThan(1e-12 * Math.max(1, ...numbers.map(Math.abs)));
    } else expect(sameBits(numbers, others), name).toBe(true);
  }
}

describe('masked and gathered execution give the same logits, gates and gradient of every parameter', () => {
  test.each(routerNames)('in training, with the router %s', (router) => {
    const example = fc.record({
      config: anyConfig({ router }).filter(gathers),
      rows: anyRows(),
      seed: fc.nat(1000),
      temperature: fc.double({ min: 0.2, max: 3, noNaN: true }),
      noiseScale: fc.constantFrom(0, 0.5, 1),
    });
    holdsFor(
      router,
      example,
      ({ config, rows, seed, temperature, noiseScale }) => {
        expectSamePaths(float64Model(config), idsOf(rows), {
          random: new Random(seed),
          temperature,
          noiseScale,
        });
      },
      30,
    );
  });

  test.each(routerNames)('in evaluation, with the router %s', (router) => {
    const example = fc.record({ config: anyConfig({ router }).filter(gathers), rows: anyRows() });
    holdsFor(router, example, ({ config, rows }) =>
      expectSamePaths(float64Model(config).eval(), idsOf(rows)),
    );
  });

  test.each(wrapChoices)('under every skip pattern of 2 layers and 3 tokens, wrapping the %s', (wraps) => {
    const config = someConfig({ router: 'learned', estimator: 'taken-branch', layers: 2, wraps });
    for (let number = 0; number < 64; number++) {
      const runs = patternNumber(number, 3);
      const model = tell(float64Model(config), (layer, _row, position) => runs(layer, position));
      expectSamePaths(model, idsOf([[1, 4, 2]]));
    }
  });

  test('under told patterns that differ from row to row, all open and all closed among them', () => {
    const share = fc.constantFrom(0, 0.2, 0.5, 1);
    const example = fc.record({
      config: anyConfig({ router: 'learned', estimator: 'taken-branch' }),
      rows: anyRows(),
      share,
      seed: fc.nat(1000),
      training: fc.boolean(),
    });
    holdsFor(
      'told',
      example,
      ({ config, rows, share, seed, training }) => {
        const random = new Random(seed);
        const pattern: Pattern = (layer, row, position) =>
          random.fork(layer).fork(row).fork(position).uniform() < share;
        expectSamePaths(tell(float64Model(config).train(training), pattern), idsOf(rows), {
          temperature: 0.7,
        });
      },
      40,
    );
  });
});

describe('the straight-through estimator, whose gradient reads what skipped tokens would have become', () => {
  const fixed: Partial<ModelConfig> = { router: 'learned', estimator: 'straight-through' };
  const example = fc.record({ config: anyConfig(fixed), rows: anyRows(), training: fc.boolean() });

  test('gives the same logits and gates on both paths without gradients, and gathers by itself', () => {
    holdsFor('without gradients', example, ({ config, rows, training }) => {
      const model = float64Model(config).train(training);
      noGrad(() => {
        const [masked, gathered] = executions.map((execution) => model.forward(idsOf(rows), { execution }));
        expect(sameBits(masked.logits.toTypedArray(), gathered.logits.toTypedArray())).toBe(true);
        masked.routes.forEach(({ active }, layer) => {
          expect(active.toArray()).toEqual(gathered.routes[layer].active.toArray());
        });
        expect(model.forward(idsOf(rows)).flops.executed).toBe(gathered.flops.executed);
      });
    });
  });

  test('runs masked by itself where gradients are recorded, in evaluation too', () => {
    holdsFor('with gradients', example, ({ config, rows, training }) => {
      const model = float64Model(config).train(training);
      const masked = runOf(model, idsOf(rows), { execution: 'masked' });
      for (const [name, found] of runOf(model, idsOf(rows), {})) {
        const numbers = found?.toTypedArray() ?? [];
        expect(sameBits(numbers, masked.get(name)?.toTypedArray() ?? []), name).toBe(true);
      }
    });
  });

  test('refuses to gather where gradients are recorded, and says why', () => {
    for (const training of [true, false]) {
      const model = new SkipTransformer(someConfig(fixed)).train(training);
      expect(() => model.forward(idsOf([[1, 2]]), { execution: 'gathered' })).toThrow(/taken-branch.*noGrad/);
    }
  });
});

test('gathered computes less: the FLOPs that ran shrink with the density', () => {
  const config = someConfig({ wraps: 'layer', router: 'random', dim: 8, layers: 3 });
  const ids = idsOf([
    [1, 4, 2, 8, 5, 7, 3, 0],
    [2, 7, 1, 8, 2, 8, 1, 8],
  ]);
  const cost = (density: number): number =>
    new SkipTransformer({ ...config, density }).eval().forward(ids).flops.executed;
  expect(cost(0.25)).toBeLessThan(0.8 * cost(1));
  expect(cost(0.5)).toBeLessThan(cost(0.9));
});

describe('with every gate open', () => {
  /** A routed model in evaluation and the dense one of the same weights. */
  function routedAndDense(config: ModelConfig): [routed: SkipTransformer, dense: SkipTransformer] {
    const routed = new SkipTransformer(config).eval();
    const dense = new SkipTransformer({ ...config, router: 'none' }).eval();
    const weights = [...routed.stateDict()].filter(([name]) => !name.includes('router'));
    dense.loadStateDict(new Map(weights));
    return [routed, dense];
  }

  test.each(routerNames)('by force, the router %s makes the dense transformer, to the last bit', (router) => {
    holdsFor(router, fc.record({ config: anyConfig({ router }), rows: anyRows() }), ({ config, rows }) => {
      const [routed, dense] = routedAndDense(config);
      const open = routed.forward(idsOf(rows), { forceOpen: true });
      const expected = dense.forward(idsOf(rows));
      expect(sameBits(open.logits.toTypedArray(), expected.logits.toTypedArray())).toBe(true);
      expect(open.routes).toEqual([]);
      expect(open.flops.executed).toBeCloseTo(open.flops.dense, 6);
    });
  });

  test.each(executions)('as told, the layers are the dense ones, to the last bit (%s)', (execution) => {
    const example = fc.record({ config: anyConfig({ router: 'learned' }), rows: anyRows() });
    holdsFor(execution, example, ({ config, rows }) => {
      const [routed, dense] = routedAndDense(config);
      noGrad(() => {
        const { logits } = tell(routed, () => true).forward(idsOf(rows), { execution });
        expect(sameBits(logits.toTypedArray(), dense.forward(idsOf(rows)).logits.toTypedArray())).toBe(true);
      });
    });
  });
});

describe('with every gate closed, a layer is what it does not wrap', () => {
  test.each(wrapChoices)('%s', (wraps) => {
    const config = anyConfig({ wraps, router: 'learned', estimator: 'taken-branch', layers: 1 });
    const example = fc.record({ config, rows: anyRows(), training: fc.boolean() });
    holdsFor(wraps, example, ({ config, rows, training }) => {
      const model = tell(new SkipTransformer(config).train(training), () => false);
      const [layer] = model.layers;
      const x = model.tokens.forward(idsOf(rows)).detach();
      const rest = {
        layer: x,
        attention: x.add(layer.feedForward.forward(layer.normFeedForward.forward(x))),
        'feed-forward': x.add(layer.attention.forward(layer.normAttention.forward(x))),
      };
      for (const execution of executions) {
        const { output } = layer.forward(x, { ...layerOptions, execution });
        expect(sameBits(output.toTypedArray(), rest[wraps].toTypedArray()), execution).toBe(true);
      }
    });
  });
});

test('a token that skips a layer passes it with the same bits, a token that runs it does not', () => {
  const example = fc.record({
    // Soft top-1 scales what skips (Eq. 4); its own test has the bits.
    config: anyConfig({ wraps: 'layer', layers: 1 }).filter(
      ({ router }) => !['none', 'top-1'].includes(router),
    ),
    rows: anyRows(),
    seed: fc.nat(1000),
    training: fc.boolean(),
  });
  holdsFor(
    'skipped tokens',
    example,
    ({ config, rows, seed, training }) => {
      const model = new SkipTransformer(config).train(training);
      const ids = idsOf(rows);
      const x = model.tokens.forward(ids).detach();
      const { output, route } = model.layers[0].forward(x, { ...layerOptions, random: new Random(seed) });
      const tokens = (data: Tensor): Tensor => data.reshape([ids.size, config.dim]);
      route?.active.toTypedArray().forEach((ran: number, token: number) => {
        const row = (data: Tensor): ArrayLike<number> =>
          tokens(data)
            .slice(0, token, token + 1)
            .toTypedArray();
        expect(sameBits(row(x), row(output))).toBe(ran === 0);
      });
    },
    40,
  );
});

test.each(wrapChoices)('the router decides from the normalised input of what it wraps: the %s', (wraps) => {
  const config = anyConfig({ wraps, router: 'learned', layers: 1 });
  holdsFor(wraps, fc.record({ config, rows: anyRows() }), ({ config, rows }) => {
    const model = new SkipTransformer(config).eval();
    const [layer] = model.layers;
    const x = model.tokens.forward(idsOf(rows)).mul(3).add(1).detach(); // far from normalised
    const z = layer.normAttention.forward(x);
    const read =
      wraps === 'feed-forward' ? layer.normFeedForward.forward(x.add(layer.attention.forward(z))) : z;
    const logits = (layer.router as BinaryRouter).gate.forward(read);
    const { route } = noGrad(() => layer.forward(x, layerOptions));
    const expected = logits.slice(-1, 1, 2).gt(logits.slice(-1, 0, 1));
    expect(route?.active.toArray()).toEqual(expected.toArray());
  });
});
