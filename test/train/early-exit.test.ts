/** Training a model whose tokens may stop early: every exit learns. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import { exitLoss, fromTypedArray, noGrad } from '../../src/index.ts';
import { defaultModel } from '../../src/model/config.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { loadCorpus } from '../../src/train/corpus.ts';
import { densityWarnings, Trainer } from '../../src/train/trainer.ts';
import { TrainingRun } from '../../src/train/training-run.ts';
import { freshPath, tinyRun } from './tiny.ts';

const run = tinyRun(
  { steps: 40, evaluateEvery: 40, clip: 1e9 },
  { router: 'early-exit', layers: 3, exitThreshold: 0.4 },
);
const { dataset, tokenizer } = loadCorpus(run);
const config = { ...run, model: { ...run.model, vocabularySize: tokenizer.vocabularySize } };

test('a step follows the loss of all exits, and reports that of the whole model', () => {
  const model = new SkipTransformer(config.model);
  const { inputs, targets } = dataset.batch(0, { batchSize: 2, context: 16, seed: 0 });
  const { logits, exitLogits, flops } = model.forward(fromTypedArray(inputs, [2, 16]));
  const losses = [...exitLogits, logits].map((said) => nextTokenLoss(said, fromTypedArray(targets, [32])));
  expect(losses).toHaveLength(3);
  exitLoss(losses).backward();
  const squares = model.parameters().reduce((sum, { grad }) => sum + (grad?.square().sum().item() ?? 0), 0);

  const row = new Trainer(config, dataset).trainStep();
  expect(row.trainLoss).toBeCloseTo(losses[2].item(), 5);
  expect(row.gradNorm).toBeCloseTo(Math.sqrt(squares), 4);
  expect(row.densityPerLayer).toEqual([1, 1, 1]);
  expect([row.auxiliaryLoss, row.densitySampled]).toEqual([0, 1]);
  expect(row.flopsPerToken).toBeCloseTo(flops.executed, 6);
  expect(row.flopsPerToken).toBeGreaterThan(row.denseFlopsPerToken); // two heads more
});

test('training lowers the loss of every exit', () => {
  const trainer = new Trainer(config, dataset);
  const { inputs, targets } = dataset.batch(0, { batchSize: 8, context: 16, seed: 5 });
  const losses = (): number[] =>
    noGrad(() => {
      const { logits, exitLogits } = trainer.model.train().forward(fromTypedArray(inputs, [8, 16]));
      return [...exitLogits, logits].map((said) =>
        nextTokenLoss(said, fromTypedArray(targets, [128])).item(),
      );
    });
  const before = losses();
  while (!trainer.done) trainer.trainStep();
  losses().forEach((loss, i) => {
    expect(loss, `exit ${i + 1}`).toBeLessThan(before[i] - 0.5);
  });
  const { densityPerLayer } = trainer.evaluate(2);
  expect(densityPerLayer[0]).toBe(1);
  expect(densityPerLayer[1]).toBeLessThan(1); // some stop
  expect(densityPerLayer[2]).toBeLessThanOrEqual(densityPerLayer[1]);
  expect(densityWarnings(trainer, [1, 0, 0])).toEqual([]); // no density was aimed at
});

test('a run of an earlier version, whose configuration knows no threshold, has the usual one', () => {
  const { folder } = TrainingRun.create(tinyRun(), freshPath());
  const file = folder.file('config.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\n.*"exitThreshold": 0.9,/, ''));
  expect(readFileSync(file, 'utf8')).not.toContain('exitThreshold');
  expect(folder.config().model.exitThreshold).toBe(defaultModel.exitThreshold);
});
