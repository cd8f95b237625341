import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TrainingRun } from '../../src/train/training-run.ts';
import { freshPath, tinyRun } from './tiny.ts';

async function finishedRun(): Promise<string> {
  const path = freshPath();
  const run = TrainingRun.create(tinyRun(), path);
  await run.train();
  await run.saveModel();
  run.close();
  return path;
}

test('a log shorter than its checkpoint is refused, and left as it is', async () => {
  const path = await finishedRun();
  const log = join(path, 'metrics.jsonl');
  const rows = readFileSync(log, 'utf8').trimEnd().split('\n');
  const shorter = `${rows.slice(0, 2).join('\n')}\n`;
  writeFileSync(log, shorter);
  expect(() => TrainingRun.resume(path)).toThrow(
    `metrics.jsonl holds 2 steps and the checkpoint is at step ${rows.length}`,
  );
  expect(readFileSync(log, 'utf8')).toBe(shorter);
});

test('a trained model without its checkpoint is not trained anew over its log', async () => {
  const path = await finishedRun();
  const before = readFileSync(join(path, 'metrics.jsonl'), 'utf8');
  rmSync(join(path, 'checkpoint.safetensors'));
  expect(() => TrainingRun.resume(path)).toThrow('holds a trained model but no checkpoint.safetensors');
  expect(readFileSync(join(path, 'metrics.jsonl'), 'utf8')).toBe(before);
});
