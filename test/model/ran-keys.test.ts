/** A layer in which skipped tokens leave no keys is, for the tokens that run it, the dense layer on these alone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import { flopsSoFar, gradients, noGrad, Random, randn, type Tensor } from '../../src/index.ts';
import { defaultModel, type ModelConfig } from '../../src/model/config.ts';
import type { Execution } from '../../src/model/skip-layer.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { cat } from '../../src/ops/functions.ts';
import type { BinaryRouter } from '../../src/routing/binary-router.ts';
import { type RouterName, routers } from '../../src/routing/table.ts';
import {
  anyConfig,
  anyRows,
  CONTEXT,
  distance,
  executions,
  expectTrueGradient,
  float64Model,
  gathers,
  holdsFor,
  idsOf,
  layerOptions,
  sameBits,
  someConfig,
  trainingLoss,
} from './models.ts';
import { type Pattern, tell } from './told-router.ts';

const routerNames = (Object.keys(routers) as RouterName[]).filter((name) =>
  routers[name].takes.includes('dropKeys'),
);

function dropping(fixed: Partial<ModelConfig> = {}): fc.Arbitrary<ModelConfig> {
  const wraps = fc.constantFrom('layer', 'attention') as fc.Arbitrary<'layer' | 'attention'>;
  return fc
    .tuple(anyConfig(fixed), wraps)
    .map(([config, part]) => ({ ...config, wraps: part, ...fixed, dropSkippedKeys: true }));
}

/** Decisions drawn for each token: a share of them open. */
const anyPattern = fc
  .record({ share: fc.constantFrom(0, 0.3, 0.6, 1), seed: fc.nat(1000) })
  .map(({ share, seed }): Pattern => {
    const random = new Random(seed);
    return (layer, row, position) => random.fork(layer).fork(row).fork(position).uniform() < share;
  });

/** Tokens `which` (T') of row b of x (B, T, D), as a batch of one: (1, T', D). */
const pick = (x: Tensor, b: number, which: readonly number[]): Tensor =>
  cat(
    which.map((t) => x.slice(0, b, b + 1).slice(1, t, t + 1)),
    1,
  );

const places = (tokens: number): number[] => Array.from({ length: tokens }, (_, t) => t);

const told = fc.record({
  config: dropping({ router: 'learned', layers: 1 }),
  rows: anyRows(),
  pattern: anyPattern,
  training: fc.boolean(),
});

describe.each(executions)('one layer, %s, is for every token what its own text makes of it', (execution) => {
  test('the dense layer on the active tokens alone, to the last bit; what is not wrapped for the others', () => {
    holdsFor(execution, told, ({ config, rows, pattern, training }) => {
      const model = tell(float64Model(config).train(training), pattern);
      const [layer] = model.layers;
      noGrad(() => {
        const x = model.tokens.forward(idsOf(rows)); // (B, T, D)
        const { output } = layer.forward(x, { ...layerOptions, execution });
        rows.forEach((row, b) => {
          const [ran, skipped] = [true, false].map((open) =>
            places(row.length).filter((t) => pattern(0, b, t) === open),
          );
          if (ran.length > 0) {
            const dense = layer.forward(pick(x, b, ran), { ...layerOptions, forceOpen: true }).output;
            expect(sameBits(pick(output, b, ran).toTypedArray(), dense.toTypedArray()), 'ran').toBe(true);
          }
          if (skipped.length === 0) return;
          const own = pick(x, b, skipped);
          const fed = own.add(layer.feedForward.forward(layer.normFeedForward.forward(own)));
          const expected = config.wraps === 'layer' ? own : fed;
          expect(sameBits(pick(output, b, skipped).toTypedArray(), expected.toTypedArray()), 'skipped').toBe(
            true,
          );
        });
      });
    });
  });
});

describe('masked and gathered execution', () => {
  test.each(routerNames)('give the same logits, to the last bit, and gradients: the router %s', (router) => {
    const example = fc.record({
      config: dropping({ router }).filter(gathers),
      rows: anyRows(),
      seed: fc.nat(1000),
      training: fc.boolean(),
    });
    holdsFor(router, example, ({ config, rows, seed, training }) => {
      const model = float64Model(config).train(training);
      const names = model.namedParameters().map(([name]) => name);
      const [masked, gathered] = executions.map((execution) => runOf(model, idsOf(rows), execution, seed));
      expect(sameBits(masked[0], gathered[0]), 'logits').toBe(true);
      names.forEach((name, i) => {
        const [a, b] = [masked[1 + i], gathered[1 + i]];
        const most = Math.max(1, ...Array.from(a, Math.abs));
        expect(Math.max(0, ...Array.from(a, (g, at) => Math.abs(g - b[at]))), name).toBeLessThan(
          1e-12 * most,
        );
      });
    });
  });
});

/** Logits, and the gradient of the training loss for every parameter, zeros where there is none. */
function runOf(model: SkipTransformer, ids: Tensor, execution: Execution, seed: number): Float64Array[] {
  const result = model.forward(ids, { execution, random: new Random(seed), temperature: 0.7 });
  trainingLoss(result, ids).backward();
  return [
    Float64Array.from(result.logits.toTypedArray()),
    ...model.parameters().map((parameter) => {
      const { grad } = parameter;
      parameter.grad = null;
      return Float64Array.from(grad?.toTypedArray() ?? new Float64Array(parameter.size));
    }),
  ];
}

describe('the gradient', () => {
  const true_ = routerNames.filter((name) => !routers[name].takes.includes('estimator'));

  test.each(true_)('is the one of finite differences where no estimator is: the router %s', (router) => {
    const example = fc.record({
      config: dropping({ router, detachRouter: false }),
      rows: anyRows(),
      training: fc.boolean(),
      execution: fc.constantFrom(...executions),
      seed: fc.nat(1000),
    });
    holdsFor(router, example, ({ config, rows, training, execution, seed }) => {
      const model = float64Model(config).train(training);
      const ids = idsOf(rows);
      const loss = () => nextTokenLoss(model.forward(ids, { execution }).logits, ids.reshape([ids.size]));
      expectTrueGradient(model, loss, seed);
    });
  });

  test('of the straight-through estimator reads what a skipped token becomes of itself and the active ones before it', () => {
    const example = fc.record({
      config: dropping({ router: 'learned', estimator: 'straight-through', layers: 1, wraps: 'layer' }),
      rows: anyRows(),
      pattern: anyPattern,
    });
    holdsFor('A', example, ({ config, rows, pattern }) => {
      const model = tell(float64Model(config), pattern);
      const [layer] = model.layers;
      const { gate } = layer.router as BinaryRouter;
      const x = model.tokens.forward(idsOf(rows)).detach(); // (B, T, D)
      const delta = randn(x.shape, new Random(1), { dtype: 'float64' });
      const { output } = layer.forward(x, layerOptions);
      const gathered = noGrad(() => layer.forward(x, layerOptions).output);
      expect(distance(output, gathered)).toBeLessThan(1e-12);
      const loss = output.mul(delta).sum();
      const [found] = gradients(loss, [gate.weight]);

      const y = noGrad(() =>
        rows.map((row, b) =>
          places(row.length).map((t) => {
            const seen = places(t + 1).filter((s) => s === t || pattern(0, b, s));
            const { output } = layer.forward(pick(x, b, seen), { ...layerOptions, forceOpen: true });
            return output.slice(1, seen.length - 1); // (1, 1, D)
          }),
        ),
      );
      const became = cat(
        y.map((row) => cat(row, 1)),
        0,
      ); // (B, T, D)
      const s = gate.forward(layer.normAttention.forward(x)).softmax(); // (B, T, 2)
      const surrogate = s
        .slice(-1, 1, 2)
        .mul(became.sub(x).mul(delta).sum(-1, { keepDim: true }))
        .sum();
      const [expected] = gradients(surrogate, [gate.weight]);
      const most = Math.max(1, ...Array.from(expected.toTypedArray(), Math.abs));
      expect(distance(found, expected)).toBeLessThan(1e-11 * most);
    });
  });
});

describe('with a cache', () => {
  /** Reads ids (B, T) up to each cut in turn, and expects what reading them at once gives. */
  function expectSameInPieces(
    model: SkipTransformer,
    ids: Tensor,
    cuts: readonly number[],
    execution: Execution,
  ) {
    noGrad(() => {
      const [batch, tokens] = ids.shape;
      const whole = model.forward(ids);
      const caches = model.makeCaches(batch);
      const inside = cuts.filter((cut) => cut < tokens).sort((a, b) => a - b);
      const pieces = [...inside, tokens].map((end, i) =>
        model.forward(ids.slice(1, inside[i - 1] ?? 0, end), { caches, execution }),
      );
      const logits = cat(
        pieces.map((piece) => piece.logits),
        1,
      );
      expect(sameBits(whole.logits.toTypedArray(), logits.toTypedArray())).toBe(true);
      whole.routes.forEach(({ active }, layer) => {
        const ran = Array.from({ length: batch }, (_, b) =>
          Array.from(active.slice(0, b, b + 1).toTypedArray()).reduce((sum, one) => sum + one, 0),
        );
        expect(caches[layer].stored).toEqual(ran);
        expect(caches[layer].length).toBe(tokens);
      });
    });
  }

  const reading = {
    rows: anyRows(),
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: CONTEXT - 1 })),
    execution: fc.constantFrom(...executions),
    float64: fc.boolean(),
  };

  test.each(routerNames)('any text cut anywhere gives the same logits: the router %s', (router) => {
    const example = fc.record({ config: dropping({ router }), ...reading });
    holdsFor(router, example, ({ config, rows, cuts, execution, float64 }) => {
      const model = float64 ? float64Model(config) : new SkipTransformer(config);
      expectSameInPieces(model.eval(), idsOf(rows), cuts, execution);
    });
  });

  test('so it does as told, whole pieces open or closed among them', () => {
    const example = fc.record({
      config: dropping({ router: 'learned' }),
      pattern: anyPattern,
      opens: fc.nat(CONTEXT),
      closes: fc.nat(CONTEXT),
      ...reading,
    });
    holdsFor('told', example, ({ config, pattern, opens, closes, rows, cuts, execution }) => {
      const model = tell(float64Model(config).eval(), (layer, row, position) =>
        position >= opens ? true : position < closes && pattern(layer, row, position),
      );
      expectSameInPieces(
        model,
        idsOf(rows),
        [...new Set([...cuts, opens])].filter((cut) => cut > 0),
        execution,
      );
    });
  });

  test('one beginning serves several texts, and is gone back to', () => {
    const example = fc.record({
      config: dropping({ router: 'learned' }),
      rows: anyRows({ minBatch: 2 }),
      shared: fc.nat(CONTEXT - 1),
    });
    holdsFor('repeat and crop', example, ({ config, rows, shared }) => {
      const model = float64Model(config).eval();
      const cut = Math.min(shared, rows[0].length - 1);
      const texts = rows.map((row) => [...rows[0].slice(0, cut), ...row.slice(cut)]);
      noGrad(() => {
        const whole = model.forward(idsOf(texts)).logits.slice(1, cut).contiguous();
        const caches = model.makeCaches(1);
        if (cut > 0) model.forward(idsOf([texts[0].slice(0, cut)]), { caches });
        const rest = texts.map((text) => text.slice(cut));
        const several = caches.map((cache) => cache.repeat(rest.length));
        const together = model.forward(idsOf(rest), { caches: several }).logits;
        expect(sameBits(together.toTypedArray(), whole.toTypedArray()), 'repeated').toBe(true);
        rest.forEach((row, b) => {
          const alone = model.forward(idsOf([row]), { caches }).logits;
          expect(sameBits(alone.toTypedArray(), whole.slice(0, b, b + 1).toTypedArray()), 'cropped').toBe(
            true,
          );
          for (const cache of caches) cache.crop(cut);
        });
      });
    });
  });

  test('what is read with every layer forced open sees the tokens that ran before', () => {
    const config = { ...someConfig({ router: 'learned', layers: 2, wraps: 'layer' }), dropSkippedKeys: true };
    const pattern: Pattern = (layer, row, position) => position >= 3 || (layer + row + position) % 2 === 0;
    const model = tell(float64Model(config).eval(), pattern);
    const ids = idsOf([
      [1, 4, 2, 8, 5],
      [7, 3, 0, 2, 7],
    ]);
    noGrad(() => {
      const caches = model.makeCaches(2);
      model.forward(ids.slice(1, 0, 3), { caches });
      expect(caches.map(({ stored }) => stored)).toEqual([
        [2, 1],
        [1, 2],
      ]);
      const { logits } = model.forward(ids.slice(1, 3), { caches, forceOpen: true });
      const whole = model.forward(ids).logits.slice(1, 3);
      expect(sameBits(logits.toTypedArray(), whole.toTypedArray())).toBe(true);
    });
  });
});

test('the FLOPs of keys, values and what is read of them are saved, and no others', () => {
  holdsFor('FLOPs', told, ({ config, rows, pattern }) => {
    const ids = idsOf(rows);
    const cost = (dropSkippedKeys: boolean): number => {
      const model = tell(new SkipTransformer({ ...config, dropSkippedKeys }).eval(), pattern);
      return noGrad(() => model.forward(ids)).flops.executed * ids.size;
    };
    const { attention } = new SkipTransformer(config).layers[0];
    const before = flopsSoFar();
    attention.keysAndValues(randn([1, 1, config.dim], new Random(0)));
    const projections = flopsSoFar() - before;
    let saved = 0;
    rows.forEach((row, b) => {
      let skipped = 0;
      places(row.length).forEach((t) => {
        if (pattern(0, b, t))
          saved += 4 * config.dim * skipped; // keys before it that it no longer reads
        else skipped++;
      });
      saved += skipped * projections;
    });
    expect(cost(false) - cost(true)).toBeCloseTo(saved, 3);
  });
});

test('there is nothing to drop where the feed-forward alone is skipped', () => {
  const config: ModelConfig = { ...defaultModel, wraps: 'feed-forward', dropSkippedKeys: true };
  expect(() => new SkipTransformer(config)).toThrow(
    "dropSkippedKeys drops nothing where the feed-forward alone is skipped; wrap the 'layer' or the 'attention'",
  );
});
