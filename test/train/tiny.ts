/** Runs that take a moment: a model of a few thousand numbers on a page of text, in a folder that goes with the test. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import '../../src/assemble.ts';
import type { TypedArray } from '../../src/device/device.ts';
import { defaultModel, type ModelConfig } from '../../src/model/config.ts';
import { Random } from '../../src/tensor/random.ts';
import { readTensors } from '../../src/train/checkpoint.ts';
import { defaultTraining, type RunConfig, type TrainingConfig } from '../../src/train/config.ts';
import type { StepMetrics } from '../../src/train/trainer.ts';

const root = mkdtempSync(join(tmpdir(), 'hopgrad-train-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

/** A path in which nothing is yet. */
export function freshPath(): string {
  return join(root, String(folders++));
}

/** A file with `words` words in lines. */
export function textFile(words = 900): string {
  const random = new Random(words);
  const vocabulary = 'the whale sea ship and of a to old white captain boat – said ‘aye’ over under'.split(
    ' ',
  );
  const text = Array.from({ length: words }, () => vocabulary[random.int(vocabulary.length)]).join(' ');
  const file = `${freshPath()}.txt`;
  writeFileSync(file, text.replace(/(.{50,60}) /g, '$1\n'));
  return file;
}

export const tinyModel: ModelConfig = { ...defaultModel, layers: 2, dim: 16, heads: 2, context: 16 };

export function tinyRun(training: Partial<TrainingConfig> = {}, model: Partial<ModelConfig> = {}): RunConfig {
  return {
    model: { ...tinyModel, ...model },
    training: {
      ...defaultTraining,
      steps: 6,
      batchSize: 2,
      warmup: 2,
      evaluateEvery: 3,
      checkpointEvery: 50,
      ...training,
    },
    data: textFile(),
    tokenizer: 'character',
    device: 'cpu',
  };
}

/** The rows without the one figure that differs from run to run. */
export function curve(rows: readonly StepMetrics[]): Omit<StepMetrics, 'tokensPerSecond'>[] {
  return rows.map(({ tokensPerSecond: _, ...row }) => row);
}

/** The rows of a run's metrics.jsonl. */
export function savedCurve(folder: string): Omit<StepMetrics, 'tokensPerSecond'>[] {
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return curve(lines.map((line) => JSON.parse(line)));
}

/** Everything in a run's checkpoint: weights, and the optimizer's state. */
export function savedState(folder: string): Map<string, TypedArray> {
  const { tensors } = readTensors(join(folder, 'checkpoint.safetensors'));
  return new Map([...tensors].map(([name, tensor]) => [name, tensor.toTypedArray()]));
}

/** The message of what `body` throws, which has to be one line. */
export function complaint(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    const { message } = error as Error;
    if (message.includes('\n')) throw new Error(`not one line: ${message}`);
    return message;
  }
  throw new Error('nothing was thrown');
}
