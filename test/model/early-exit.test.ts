/** Models whose tokens stop early: against a plain walk through the layers, and at both ends of the threshold. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  flopsSoFar,
  fromTypedArray,
  gradients,
  noGrad,
  Random,
  randn,
  type Tensor,
} from '../../src/index.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import {
  anyConfig,
  anyRows,
  executions,
  float64Model,
  holdsFor,
  idsOf,
  layerOptions,
  sameBits,
  someConfig,
  trainingLoss,
} from './models.ts';

const router = 'early-exit';
const example = fc.record({ config: anyConfig({ router }), rows: anyRows() });

const read = (model: SkipTransformer, x: Tensor): Tensor => model.head.forward(model.norm.forward(x));
const gatesOf = (model: SkipTransformer, ids: Tensor): number[][] =>
  model.forward(ids).routes.map(({ active }) => [...active.toTypedArray()]);

/** Early exit in its own words: a token runs layer after layer until it is sure, and stays as it then is. */
function byHand(model: SkipTransformer, ids: Tensor): { logits: Tensor; gates: number[][] } {
  let x = model.tokens.forward(ids).add(model.positions.weight.slice(0, 0, ids.shape[1])); // (B, T, D)
  let runs = new Array<number>(ids.size).fill(1);
  const gates: number[][] = [];
  for (const layer of model.layers) {
    const active = fromTypedArray(Uint8Array.from(runs), [...ids.shape, 1]); // (B, T, 1)
    x = active.where(layer.forward(x, { ...layerOptions, forceOpen: true }).output, x); // (B, T, D)
    gates.push(runs);
    const sure = read(model, x).softmax().max(-1).toTypedArray();
    runs = runs.map((ran, i) => Number(ran === 1 && sure[i] < model.config.exitThreshold));
  }
  return { logits: read(model, x), gates };
}

test.each(executions)(
  'tokens run until they are sure, and their logits are of the state they stopped in (%s)',
  (execution) => {
    holdsFor(execution, example, ({ config, rows }) => {
      const model = float64Model(config).eval();
      noGrad(() => {
        const { logits, routes } = model.forward(idsOf(rows), { execution });
        const expected = byHand(model, idsOf(rows));
        expect(routes.map(({ active }) => [...active.toTypedArray()])).toEqual(expected.gates);
        expect(sameBits(logits.toTypedArray(), expected.logits.toTypedArray())).toBe(true);
      });
    });
  },
);

test('the models here stop everywhere: the properties can fail', () => {
  const config = anyConfig({ router, layers: 3 });
  const drawn = fc.sample(fc.record({ config, rows: anyRows() }), { numRuns: 30, seed: 1 });
  const sums = drawn.map(({ config, rows }) =>
    gatesOf(new SkipTransformer(config).eval(), idsOf(rows)).map((layer) => layer.reduce((a, b) => a + b)),
  );
  const [first, second, third] = [0, 1, 2].map((layer) => sums.reduce((sum, one) => sum + one[layer], 0));
  expect(first - second, 'after the first layer').toBeGreaterThan(first / 5);
  expect(second - third, 'after the second').toBeGreaterThan(first / 20);
  expect(third).toBeGreaterThan(first / 20);
});

test('whoever has stopped stays so, and one decision covers a whole layer, whatever other routers wrap', () => {
  holdsFor('stopped', example, ({ config, rows }) => {
    const gates = gatesOf(new SkipTransformer(config).eval(), idsOf(rows));
    expect(gates[0].every((gate) => gate === 1)).toBe(true);
    gates.slice(1).forEach((layer, i) => {
      expect(layer.every((gate, token) => gate <= gates[i][token])).toBe(true);
    });
    expect(gatesOf(new SkipTransformer({ ...config, wraps: 'layer' }).eval(), idsOf(rows))).toEqual(gates);
  });
});

test('above a threshold of 1, and in training, the model is the dense one, to the last bit', () => {
  holdsFor('dense', example, ({ config, rows }) => {
    const ids = idsOf(rows);
    const dense = new SkipTransformer({ ...config, router: 'none' }).forward(ids).logits.toTypedArray();
    const never = new SkipTransformer({ ...config, exitThreshold: 1.1 }).eval();
    for (const execution of executions) {
      expect(sameBits(never.forward(ids, { execution }).logits.toTypedArray(), dense), execution).toBe(true);
    }
    expect(sameBits(new SkipTransformer(config).forward(ids).logits.toTypedArray(), dense), 'training').toBe(
      true,
    );
  });
});

test('at a threshold of 0 it is its first layer', () => {
  holdsFor('one layer', example, ({ config, rows }) => {
    const model = new SkipTransformer({ ...config, exitThreshold: 0 }).eval();
    const { logits, routes } = model.forward(idsOf(rows));
    routes.forEach(({ density }, layer) => {
      expect(density.item()).toBe(layer === 0 ? 1 : 0);
    });
    model.layers = model.layers.slice(0, 1);
    expect(sameBits(logits.toTypedArray(), model.forward(idsOf(rows)).logits.toTypedArray())).toBe(true);
  });
});

test('the exits of training are what the model would say if its layers ended there', () => {
  holdsFor('exits', example, ({ config, rows }) => {
    const model = new SkipTransformer(config);
    const { exitLogits } = model.forward(idsOf(rows));
    expect(exitLogits).toHaveLength(config.layers - 1);
    const all = model.layers;
    exitLogits.forEach((said, i) => {
      model.layers = all.slice(0, i + 1);
      expect(sameBits(said.toTypedArray(), model.forward(idsOf(rows)).logits.toTypedArray())).toBe(true);
    });
  });
});

test('the loss of all exits has the gradient of finite differences, along a random direction of all parameters', () => {
  holdsFor('gradient', fc.record({ example, seed: fc.nat(1000) }), ({ example: { config, rows }, seed }) => {
    const model = float64Model(config);
    const ids = idsOf(rows);
    const loss = (): Tensor => trainingLoss(model.forward(ids), ids);
    const parameters = model.parameters();
    const ways = parameters.map(({ shape }, i) =>
      randn(shape, new Random(seed).fork(i), { dtype: 'float64' }),
    );
    const slope = gradients(loss(), parameters).reduce(
      (sum, one, i) => sum + one.mul(ways[i]).sum().item(),
      0,
    );
    const starts = parameters.map((parameter) => parameter.mul(1).detach().contiguous());
    const at = (step: number): number => {
      parameters.forEach((parameter, i) => parameter.assign(starts[i].add(ways[i].mul(step))));
      return loss().item();
    };
    const difference = (step: number): number => (at(step) - at(-step)) / (2 * step);
    const expected = (4 * difference(5e-6) - difference(1e-5)) / 3; // the third derivative drops out
    expect(Math.abs(expected - slope)).toBeLessThan(1e-6 * Math.max(1, Math.abs(slope)));
  });
});

/** Operations that `body` takes, its last one included. */
function costOf(body: () => Tensor): number {
  const before = flopsSoFar();
  body().toTypedArray();
  return flopsSoFar() - before;
}

test('what exits cost is counted, and a token that has stopped is not asked again', () => {
  const config = someConfig({ router, layers: 3, dim: 8 });
  const ids = idsOf([[1, 4, 2, 8, 5, 7, 3, 0]]);
  const model = (exitThreshold: number): SkipTransformer =>
    new SkipTransformer({ ...config, exitThreshold }).eval();
  const x = randn([1, 8, 8], new Random(0));
  noGrad(() => {
    const never = model(2);
    const head = costOf(() => read(never, x)) / 8;
    const confidence = costOf(() => read(never, x).softmax().max(-1, { keepDim: true }).lt(2)) / 8 - head;
    const { flops } = never.forward(ids);
    const carried = 3 * (8 + 1); // choosing between x and y, and the gate
    const extra = flops.executed - flops.dense;
    expect(extra).toBeGreaterThanOrEqual(2 * head); // two exits before the last head
    expect(extra).toBeLessThanOrEqual(2 * (head + confidence) + carried);
    // One head alone, whatever layers follow: of these the keys and values are made.
    const first = model(0);
    const keysAndValues = first.layers.slice(1).map(({ attention, normAttention }) => {
      const sum = costOf(() => {
        const { key, value } = attention.keysAndValues(normAttention.forward(x));
        return key.add(value);
      });
      return sum / 8 - 8;
    });
    const one = new SkipTransformer({ ...config, router: 'none', layers: 1 }).eval().forward(ids).flops;
    const rest = first.forward(ids).flops.executed - one.executed - keysAndValues[0] - keysAndValues[1];
    expect(rest).toBeGreaterThanOrEqual(0);
    expect(rest).toBeLessThanOrEqual(2 * confidence + carried);
    expect(2 * confidence + carried).toBeLessThan(head); // a head more would be seen
  });
});

test('nobody else pays for exits', () => {
  const config = someConfig({ router, layers: 2 });
  const ids = idsOf([[1, 4, 2]]);
  for (const change of [{ router: 'none' }, { router: 'learned' }, { layers: 1 }] as const) {
    for (const training of [true, false]) {
      const { exitLogits } = new SkipTransformer({ ...config, ...change }).train(training).forward(ids);
      expect(exitLogits).toEqual([]);
    }
  }
  const open = new SkipTransformer(config).forward(ids, { forceOpen: true });
  expect(open.exitLogits).toEqual([]);
  expect(open.flops.executed).toBeCloseTo(open.flops.dense, 6);
});

test.each([-0.1, Number.NaN, Infinity])('a threshold of %d is refused', (exitThreshold) => {
  expect(() => new SkipTransformer(someConfig({ router, exitThreshold }))).toThrow(
    `exitThreshold must be a number from 0 up, not ${exitThreshold}`,
  );
});
