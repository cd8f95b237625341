/** The default kind of model trains on the GPU as it does on the CPU, and nothing goes back and forth that need not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { startGpu } from '../../src/device/gpu.ts';
import { addDevice, useDevice } from '../../src/device/use-device.ts';
import {
  defaultModel,
  defaultTraining,
  generate,
  Random,
  TextDataset,
  Trainer,
  toDevice,
} from '../../src/index.ts';
import type { StepMetrics } from '../../src/train/trainer.ts';
import { gpuHere } from '../gpu-here.ts';
import { tell } from '../model/told-router.ts';

const VOCABULARY = 29;
const LAYERS = 2;

/** A text in which every token is near the one before it, so that there is something to learn. */
function text(): TextDataset {
  const random = new Random(3);
  let token = 0;
  const ids = Int32Array.from({ length: 4000 }, () => {
    token = (token + random.int(4)) % VOCABULARY;
    return token;
  });
  return new TextDataset(ids, 0.3);
}

async function trainer(device: string, steps: number, seed = 0): Promise<Trainer> {
  await useDevice(device, { fallback: 'error' });
  return new Trainer(
    {
      model: {
        ...defaultModel,
        vocabularySize: VOCABULARY,
        layers: LAYERS,
        dim: 32,
        heads: 2,
        context: 32,
        seed,
      },
      training: {
        ...defaultTraining,
        steps,
        batchSize: 4,
        warmup: 4,
        evaluateEvery: 1000,
        evaluateBatches: 2,
        seed,
      },
      data: null,
      tokenizer: 'character',
      device,
    },
    text(),
  );
}

function run(trainer: Trainer, beforeStep: (step: number) => void = () => {}): StepMetrics[] {
  const rows: StepMetrics[] = [];
  while (!trainer.done) {
    beforeStep(trainer.step);
    rows.push(trainer.trainStep());
  }
  return rows;
}

describe.skipIf(!gpuHere.available)('training on the GPU', () => {
  let gpu: Device;
  beforeAll(async () => {
    gpu = await startGpu([gpuHere.mode]);
    addDevice('gpu under test', async () => gpu);
  });
  afterAll(() => useDevice('cpu'));

  test('with the same routing decisions, 20 steps are those of the CPU to a few roundings', async () => {
    const curves: StepMetrics[][] = [];
    for (const device of ['cpu', 'gpu under test']) {
      const one = await trainer(device, 20);
      let step = 0;
      const decide = new Random(5);
      tell(one.model, (layer, row, position) => {
        return decide.fork(step).fork(layer).fork(row).fork(position).uniform() < 0.5;
      });
      curves.push(
        run(one, (now) => {
          step = now;
        }),
      );
    }
    const [there, here] = [curves[1], curves[0]];
    there.forEach(({ trainLoss, gradNorm, densityPerLayer }, i) => {
      const expected = here[i];
      expect(densityPerLayer).toEqual(expected.densityPerLayer);
      expect(Math.abs(trainLoss - expected.trainLoss)).toBeLessThan(2e-6 * expected.trainLoss);
      expect(Math.abs(gradNorm - expected.gradNorm)).toBeLessThan(5e-6 * expected.gradNorm);
    });
    expect(here[19].trainLoss).toBeLessThan(0.8 * here[0].trainLoss); // it has learned something
  });

  test('left to itself it ends within the spread of seeds, and reads back once a step and once a layer', async () => {
    const steps = 60;
    const last = async (device: string, seed: number): Promise<StepMetrics[]> =>
      run(await trainer(device, steps, seed));
    const end = (rows: StepMetrics[]): number => {
      const tail = rows.slice(-10);
      return tail.reduce((sum, { trainLoss }) => sum + trainLoss, 0) / tail.length;
    };
    const seeds: number[] = [];
    for (const seed of [0, 1, 2, 3]) seeds.push(end(await last('cpu', seed)));
    const one = await trainer('gpu under test', steps);
    const rows: StepMetrics[] = [];
    const compiled: number[] = [];
    while (!one.done) {
      rows.push(one.trainStep());
      compiled.push(gpu.counters?.().compiled ?? 0);
    }
    const spread = Math.max(...seeds) - Math.min(...seeds);
    expect(Math.abs(end(rows) - seeds[0])).toBeLessThan(spread);
    for (const { readbacks } of rows.slice(0, -1)) expect(readbacks).toBe(1 + LAYERS);
    // Other tokens are active in every step, and nothing is compiled for that.
    expect(new Set(rows.map(({ densitySampled }) => densitySampled)).size).toBeGreaterThan(20);
    expect(compiled[steps - 2]).toBe(compiled[9]); // the last step also evaluates
  });

  test('a model moved there continues a text as on the CPU', async () => {
    const one = await trainer('cpu', 30);
    run(one);
    const state = one.model.stateDict();
    const prompt = [1, 2, 3];
    const { loss } = one.evaluate(2);
    const written = [...generate(one.model, prompt, { tokens: 24, temperature: 0 })];
    const two = await trainer('gpu under test', 30);
    const moved = await Promise.all(
      [...state].map(async ([name, x]) => [name, await toDevice(x, gpu)] as const),
    );
    two.model.loadStateDict(new Map(moved));
    expect([...generate(two.model, prompt, { tokens: 24, temperature: 0 })]).toEqual(written);
    expect(two.evaluate(2).loss).toBeCloseTo(loss, 4);
  });
});
