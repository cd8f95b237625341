import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addSettings, commandLine, configFrom } from '../../src/cli/settings.ts';
import { MixedDataset } from '../../src/data/mixed-dataset.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { TrainingRun } from '../../src/train/training-run.ts';
import { complaint, freshPath, tinyRun } from './tiny.ts';

const options = { batchSize: 4, context: 40, seed: 1 };

it('a run trains on its share of questions, whose characters its tokenizer knows, and so it is continued', async () => {
  const run = TrainingRun.create(tinyRun({ hop24: 0.5 }), freshPath());
  const { dataset, tokenizer } = run.corpus;
  const batch = dataset.batch(0, options);
  expect(tokenizer.decode(batch.inputs.subarray(0, 40))).toMatch(/^copy [A-Z.]+ [A-Z]+\n\ncopy /);
  expect(tokenizer.decode(batch.inputs.subarray(80, 120))).toMatch(/whale|sea|ship|boat|white/);
  await run.train();
  run.close();
  const again = new RunFolder(run.folder.path).corpus().dataset;
  expect(again).toBeInstanceOf(MixedDataset);
  expect(again.batch(7, options)).toEqual(dataset.batch(7, options));
});

it('a run of an earlier version, which knew no hop-24, trained on text alone', () => {
  const run = TrainingRun.create(tinyRun(), freshPath());
  run.close();
  expect(run.corpus.dataset).not.toBeInstanceOf(MixedDataset);
  const { folder } = run;
  const file = folder.file('config.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\n.*"hop24": 0,/, ''));
  expect(readFileSync(file, 'utf8')).not.toContain('hop24');
  expect(folder.config().training.hop24).toBe(0);
  expect(folder.corpus().dataset).not.toBeInstanceOf(MixedDataset);
});

it('refuses a share that is none', () => {
  for (const hop24 of [-0.1, 1.1, Number.NaN]) {
    const says = complaint(() => TrainingRun.create(tinyRun({ hop24 }), freshPath()));
    expect(says).toBe(`training: hop24 must be a share from 0 to 1, not ${hop24}.`);
  }
});

it('is asked for by --hop24', () => {
  const command = new Command();
  addSettings(command);
  command.parse(['--hop24', '0.5'], { from: 'user' });
  const config = configFrom(command);
  expect(config.training.hop24).toBe(0.5);
  expect(commandLine(config)).toBe('hopgrad train --hop24 0.5');
});
