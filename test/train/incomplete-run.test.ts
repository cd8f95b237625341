import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRun } from '../../src/train/load-run.ts';
import { TrainingRun } from '../../src/train/training-run.ts';
import { complaint, freshPath, tinyRun } from './tiny.ts';

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

test("a run killed before its config.json was there can begin again; a tokenizer.json alone is somebody else's", () => {
  const path = freshPath();
  mkdirSync(path);
  writeFileSync(join(path, 'tokenizer.json'), '{}');
  expect(complaint(() => TrainingRun.create(tinyRun(), path))).toContain('is not empty');
  expect(readFileSync(join(path, 'tokenizer.json'), 'utf8')).toBe('{}');
  writeFileSync(join(path, 'lock.123'), '123\n');
  writeFileSync(join(path, 'config.json.tmp'), '{"format":');
  TrainingRun.create(tinyRun(), path).close();
  TrainingRun.resume(path).close();
});

/** Changes a number or another piece of JSON in a run's config.json. */
function edit(path: string, piece: string, instead: string): void {
  const file = join(path, 'config.json');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(piece);
  writeFileSync(file, text.replace(piece, instead));
}

test.each([
  ['"dim": 16', '"dim": "16"', 'a setting is missing, or not what it should be'],
  ['"density": 0.5', '"density": [0.5, null]', 'a setting is missing, or not what it should be'],
  ['"router": "learned",', '', 'a setting is missing, or not what it should be'],
  ['"data": "', '"data": {}, "was": "', 'a setting is missing, or not what it should be'],
  [
    '"layers": 2',
    '"layers": 1000000000',
    'layers 1000000000, dim 16, heads 2, feedForward 4 do not fit into 4 GB of memory',
  ],
  ['"batchSize": 2', '"batchSize": 1000000000', 'batchSize 1000000000 is more than fits into memory'],
])('a config.json with %s made %s is refused in one line that names it', (piece, instead, message) => {
  const path = freshPath();
  TrainingRun.create(tinyRun(), path).close();
  edit(path, piece, instead);
  for (const open of [() => TrainingRun.resume(path), () => loadRun(path)]) {
    expect(complaint(open)).toContain(join(path, 'config.json'));
    expect(complaint(open)).toContain(message);
  }
});

test('a config.json asks for no larger model than the weights beside it hold, nor for another vocabulary', async () => {
  const path = await finishedRun();
  rmSync(join(path, 'checkpoint.safetensors'));
  edit(path, '"feedForward": 4', '"feedForward": 4000');
  expect(complaint(() => loadRun(path))).toContain(
    'model.safetensors holds a smaller model than config.json says',
  );
  edit(path, '"vocabularySize": 25', '"vocabularySize": 250000');
  expect(complaint(() => loadRun(path))).toContain(
    'tokenizer.json has another vocabulary than config.json says',
  );
});
