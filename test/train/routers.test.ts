/** What a router asks of training beside the density loss. */
import { expect, test } from 'vitest';
import { fromTypedArray, Random, type Tensor, Top1Router } from '../../src/index.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { loadCorpus } from '../../src/train/corpus.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { tinyRun } from './tiny.ts';

const run = tinyRun(
  { steps: 60, evaluateEvery: 60, clip: 1e9 },
  { router: 'mixture-of-depths', density: 0.25 },
);
const { dataset, tokenizer } = loadCorpus(run);
const config = { ...run, model: { ...run.model, vocabularySize: tokenizer.vocabularySize } };

test('the losses of routers are summed over layers, and there is no density loss for a density that is given', () => {
  const one = fromTypedArray(
    Int32Array.from({ length: 16 }, (_, i) => i % 7),
    [1, 16],
  );
  const routed = new SkipTransformer(config.model);
  const { routes, routerLoss, densityLoss } = routed.forward(one);
  const each = routes.map((route) => (route.routerLoss as Tensor).item());
  expect(routerLoss?.item()).toBeCloseTo(each[0] + each[1], 6);
  expect(densityLoss).toBeNull();
  expect(routed.eval().forward(one).routerLoss).toBeNull();
  expect(new SkipTransformer({ ...config.model, router: 'learned' }).forward(one).routerLoss).toBeNull();
});

test('training lowers the loss of the routers too: a predictor learns who is chosen', () => {
  const trainer = new Trainer(config, dataset);
  const { inputs } = dataset.batch(0, { batchSize: 8, context: 16, seed: 5 });
  const loss = () =>
    trainer.model
      .train()
      .forward(fromTypedArray(inputs, [8, 16]))
      .routerLoss?.item() as number;
  const before = loss();
  let row = trainer.trainStep();
  expect(row.densityPerLayer).toEqual([0.25, 0.25]);
  while (!trainer.done) row = trainer.trainStep();
  // Knowing nothing but P costs two layers 2 · 0.56 nats.
  expect(before).toBeGreaterThan(1.2);
  expect(loss()).toBeLessThan(1);
  expect(Math.abs((row.densityArgmax as number) - 0.25)).toBeLessThan(0.15);
});

test('a model that is ready is trained with the routers that stand in it', () => {
  const model = new SkipTransformer({ ...config.model, router: 'random' });
  const router = new Top1Router(config.model.dim, new Random(1), 0.1);
  model.layers[1].router = router;
  const before = router.gate.weight.toArray();
  const trainer = new Trainer(config, dataset, model);
  expect(trainer.trainStep().densityPerLayer).toHaveLength(2);
  expect(trainer.model).toBe(model);
  expect(router.gate.weight.toArray()).not.toEqual(before);
});
