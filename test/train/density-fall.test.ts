/** P that falls from 1 to its target in the course of training. */
import { expect, test } from 'vitest';
import { loadCorpus } from '../../src/train/corpus.ts';
import { type StepMetrics, Trainer } from '../../src/train/trainer.ts';
import { tinyRun } from './tiny.ts';

const STEPS = 10;

function metrics(router: 'random' | 'learned', fall: [number, number]): StepMetrics[] {
  const [densityFallStart, densityFallEnd] = fall;
  const run = tinyRun(
    { steps: STEPS, batchSize: 8, densityFallStart, densityFallEnd },
    { router, layers: 2, density: [0.25, 0.75] },
  );
  const { dataset, tokenizer } = loadCorpus(run);
  const { vocabularySize } = tokenizer;
  const trainer = new Trainer({ ...run, model: { ...run.model, vocabularySize } }, dataset);
  return Array.from({ length: STEPS }, () => trainer.trainStep());
}

test('a random gate lets every token through at first, and at last the share that is its target', () => {
  const densities = metrics('random', [0.3, 0.7]).map(({ densityPerLayer }) => densityPerLayer);
  // 3 steps at 1, 4 on the way down (from 1 by a quarter of the way each), 3 at the target; 128 tokens a step.
  const progress = [0, 0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1];
  densities.forEach((layers, step) => {
    [0.25, 0.75].forEach((target, layer) => {
      const wanted = 1 - progress[step] * (1 - target);
      expect(Math.abs(layers[layer] - wanted), `step ${step}`).toBeLessThan(wanted === 1 ? 1e-12 : 0.16);
    });
  });
});

test('the density loss of a learned one aims at P of the step', () => {
  for (const { densityPerLayer, auxiliaryLoss, step } of metrics('learned', [0.3, 0.7])) {
    const progress = [0, 0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1][step - 1];
    const aimed = [0.25, 0.75].map((target) => 1 - progress * (1 - target));
    const expected = densityPerLayer.reduce((sum, r, layer) => sum + (r - aimed[layer]) ** 2, 0);
    expect(auxiliaryLoss).toBeCloseTo(expected, 5);
  }
});

test('is at its target from the first step where nobody asks for more', () => {
  for (const { densityPerLayer, auxiliaryLoss } of metrics('learned', [0, 0])) {
    const expected = (densityPerLayer[0] - 0.25) ** 2 + (densityPerLayer[1] - 0.75) ** 2;
    expect(auxiliaryLoss).toBeCloseTo(expected, 5);
  }
});
