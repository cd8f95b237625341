import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelConfig } from '../../src/model/config.ts';
import { fromTypedArray } from '../../src/tensor/create.ts';
import { readTensors } from '../../src/train/checkpoint.ts';
import type { RunConfig, TrainingConfig } from '../../src/train/config.ts';
import { loadRun } from '../../src/train/load-run.ts';
import { TrainingRun } from '../../src/train/training-run.ts';
import { hopgradHere } from '../cli/run-cli.ts';
import { complaint, curve, freshPath, savedCurve, savedState, tinyRun } from './tiny.ts';

/** Trains until `stopAfter` steps are done, as Ctrl-C would stop it. */
async function trainUntil(run: TrainingRun, stopAfter = Infinity): Promise<void> {
  const controller = new AbortController();
  await run.train({
    signal: controller.signal,
    onStep: ({ step }) => {
      if (step >= stopAfter) controller.abort();
    },
  });
  run.close();
}

/** A finished run that was never stopped. */
async function finished(config: RunConfig): Promise<string> {
  const path = freshPath();
  await trainUntil(TrainingRun.create(config, path));
  return path;
}

const kinds: [string, Partial<TrainingConfig>, Partial<ModelConfig>][] = [
  ['the learned router, AdamW and noise that fades', { noiseStart: 1, noiseEnd: 0.2 }, {}],
  [
    'straight-through, Adafactor',
    { optimizer: 'adafactor' },
    { estimator: 'straight-through', density: [1, 0.5] },
  ],
  ['the random router, SGD', { optimizer: 'sgd', learningRate: 0.01 }, { router: 'random' }],
  ['the dense model', {}, { router: 'none' }],
];

for (const [name, training, model] of kinds) {
  test(`a run stopped twice and resumed has the same bits as one never stopped: ${name}`, async () => {
    const config = tinyRun(training, model);
    const whole = await finished(config);
    const path = freshPath();
    await trainUntil(TrainingRun.create(config, path), 2);
    await trainUntil(TrainingRun.resume(path), 3);
    await trainUntil(TrainingRun.resume(path));
    expect(savedCurve(path)).toEqual(savedCurve(whole));
    expect(savedState(path)).toEqual(savedState(whole));
  });
}

test('after a crash, rows beyond the checkpoint are dropped and written again', async () => {
  const config = tinyRun({ checkpointEvery: 4, steps: 9 });
  const whole = await finished(config);
  const path = freshPath();
  await trainUntil(TrainingRun.create(config, path), 4);
  // What a kill -9 in the middle of row 7 leaves behind.
  const log = readFileSync(join(whole, 'metrics.jsonl'), 'utf8').split('\n');
  writeFileSync(join(path, 'metrics.jsonl'), `${log.slice(0, 6).join('\n')}\n${log[6].slice(0, 20)}`);
  const run = TrainingRun.resume(path);
  expect(run.metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  await trainUntil(run);
  expect(savedCurve(path)).toEqual(savedCurve(whole));
});

test('a run killed before its first checkpoint begins again', async () => {
  const config = tinyRun();
  const whole = await finished(config);
  const path = freshPath();
  await trainUntil(TrainingRun.create(config, path), 2);
  rmSync(join(path, 'checkpoint.safetensors'));
  await trainUntil(TrainingRun.resume(path));
  expect(savedCurve(path)).toEqual(savedCurve(whole));
});

test('the log keeps every digit', async () => {
  const path = freshPath();
  const run = TrainingRun.create(tinyRun(), path);
  await trainUntil(run);
  expect(savedCurve(path)).toEqual(curve(run.metrics));
});

test('time adds up over sessions', async () => {
  const path = freshPath();
  const run = TrainingRun.create(tinyRun(), path);
  await trainUntil(run, 3);
  const resumed = TrainingRun.resume(path);
  expect(resumed.seconds).toBeGreaterThan(0);
  expect(resumed.seconds).toBeLessThanOrEqual(run.seconds);
  resumed.close();
});

test('while a run trains, nobody else can resume it; reading it is free', async () => {
  const path = freshPath();
  const run = TrainingRun.create(tinyRun(), path);
  await run.train();
  expect(complaint(() => TrainingRun.resume(path))).toContain('is training in this folder');
  expect(loadRun(path).config.training.steps).toBe(6);
  run.close();
  TrainingRun.resume(path).close();
});

test('loadRun gives the trained model, from the checkpoint or from model.safetensors', async () => {
  const path = freshPath();
  const run = TrainingRun.create(tinyRun(), path);
  await run.train();
  await run.saveModel();
  run.close();
  const ids = fromTypedArray(Int32Array.of(1, 2, 3), [1, 3]);
  const expected = run.trainer.model.eval().forward(ids).logits.toTypedArray();
  expect(loadRun(path).model.forward(ids).logits.toTypedArray()).toEqual(expected);
  rmSync(join(path, 'checkpoint.safetensors'));
  expect(loadRun(path).model.forward(ids).logits.toTypedArray()).toEqual(expected);
  rmSync(join(path, 'model.safetensors'));
  expect(complaint(() => loadRun(path))).toContain('holds no weights yet');
});

test('a run goes on, and is loaded, on a device that has another name now', async () => {
  const whole = await finished({ ...tinyRun(), device: 'cpu' });
  const path = freshPath();
  await trainUntil(TrainingRun.create({ ...tinyRun(), device: 'wasm' }, path), 2);
  expect(readFileSync(join(path, 'config.json'), 'utf8')).toContain('"device": "wasm"');
  const run = TrainingRun.resume(path);
  expect(run.config.device).toBe('cpu');
  await trainUntil(run);
  expect(savedCurve(path)).toEqual(savedCurve(whole));
  expect(loadRun(path).config.device).toBe('cpu');
  expect(await hopgradHere(['eval', '--run', path])).toMatchObject({ status: 0, stderr: '' });
});

test('model.safetensors names the weights as PyTorch would', async () => {
  const path = freshPath();
  const run = TrainingRun.create(tinyRun({ steps: 1 }), path);
  await run.train();
  await run.saveModel();
  run.close();
  const { tensors, metadata } = readTensors(join(path, 'model.safetensors'));
  expect([...tensors.keys()]).toContain('layers.1.attention.query.weight');
  expect([...tensors.values()].every(({ dtype }) => dtype === 'float32')).toBe(true);
  expect(metadata.get('format')).toBe('pt');
});

test('a text that has changed is noticed', async () => {
  const config = tinyRun();
  const path = await finished(config);
  writeFileSync(config.data!, `${readFileSync(config.data!, 'utf8')} and more`);
  expect(complaint(() => TrainingRun.resume(path))).toBe(
    `the text ${config.data} has changed since the run ${path} began`,
  );
});

test('a configuration edited by hand is not mixed with a checkpoint of another', async () => {
  const path = await finished(tinyRun());
  const file = join(path, 'config.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"weightDecay": ', '"weightDecay": 1'));
  for (const open of [() => TrainingRun.resume(path), () => loadRun(path)]) {
    expect(complaint(open)).toContain('belongs to another config.json or tokenizer.json');
  }
  expect(existsSync(join(path, 'lock'))).toBe(false);
});

test('a folder with something in it is left alone', async () => {
  const path = freshPath();
  mkdirSync(path);
  const config = tinyRun();
  TrainingRun.create(config, path).close(); // an empty one will do
  const copy = freshPath();
  cpSync(path, copy, { recursive: true });
  expect(complaint(() => TrainingRun.create(config, path))).toContain(
    `continue the run in it with --resume ${path}`,
  );
  expect(readFileSync(join(path, 'config.json'))).toEqual(readFileSync(join(copy, 'config.json')));
});

test('what cannot be trained leaves no folder behind', () => {
  const path = freshPath();
  expect(complaint(() => TrainingRun.create(tinyRun({}, { dim: 15 }), path))).toContain('multiple of heads');
  expect(complaint(() => TrainingRun.create(tinyRun({}, { context: 5000 }), path))).toContain(
    'lower the context',
  );
  expect(existsSync(path)).toBe(false);
});

test('damaged runs are refused in one line that names the file', async () => {
  const path = await finished(tinyRun());
  const broken = (name: string, text: string): string => {
    const copy = freshPath();
    cpSync(path, copy, { recursive: true });
    writeFileSync(join(copy, name), text);
    return complaint(() => TrainingRun.resume(copy)).replace(copy, 'RUN');
  };
  expect(broken('config.json', '{"format":')).toBe(
    'RUN/config.json does not hold a JSON object; it is damaged or another kind of file',
  );
  expect(broken('config.json', '{"name":"x"}')).toBe(
    'RUN/config.json is not the configuration of a hopgrad run',
  );
  expect(broken('tokenizer.json', '[]')).toContain('RUN/tokenizer.json does not hold a JSON object');
  expect(broken('metrics.jsonl', 'x\n')).toBe('RUN/metrics.jsonl is damaged in line 1: it is not JSON');
  expect(broken('checkpoint.safetensors', 'x')).toContain('RUN/checkpoint.safetensors: safetensors: ');
});
