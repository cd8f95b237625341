/** Training a model in which skipped tokens leave no keys. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { EstimatorName } from '../../src/routing/estimators.ts';
import { estimators } from '../../src/routing/estimators.ts';
import { loadCorpus } from '../../src/train/corpus.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { TrainingRun } from '../../src/train/training-run.ts';
import { freshPath, tinyRun } from './tiny.ts';

test.each(Object.keys(estimators) as EstimatorName[])(
  'lowers its loss, with the estimator %s',
  (estimator) => {
    const run = tinyRun({ steps: 30, evaluateEvery: 30 }, { estimator, dropSkippedKeys: true });
    const { dataset, tokenizer } = loadCorpus(run);
    const trainer = new Trainer(
      { ...run, model: { ...run.model, vocabularySize: tokenizer.vocabularySize } },
      dataset,
    );
    const { trainLoss } = trainer.trainStep();
    let last = trainLoss;
    while (!trainer.done) last = trainer.trainStep().trainLoss;
    expect(last).toBeLessThan(trainLoss - 0.5);
  },
);

test('a run of an earlier version, which kept all keys, keeps them', () => {
  const { folder } = TrainingRun.create(tinyRun(), freshPath());
  const file = folder.file('config.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\n.*"dropSkippedKeys": false,/, ''));
  expect(readFileSync(file, 'utf8')).not.toContain('dropSkippedKeys');
  expect(folder.config().model.dropSkippedKeys).toBe(false);
});
