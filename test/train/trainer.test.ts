/** A training step is what the recipe says: written out here once more, plainly, it gives the same weights. */
import { expect, test } from 'vitest';
import { OutOfMemory } from '../../src/device/device.ts';
import { nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import {
  Adafactor,
  AdamW,
  fromTypedArray,
  noGrad,
  type Optimizer,
  Random,
  Sgd,
  type Tensor,
} from '../../src/index.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import type { TrainingConfig } from '../../src/train/config.ts';
import { loadCorpus } from '../../src/train/corpus.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { tinyRun } from './tiny.ts';

/** Every setting bites: gradients are clipped, warm-up and decay fall into the steps, nothing is 1 or 0. */
const training: Partial<TrainingConfig> = {
  steps: 5,
  warmup: 2,
  learningRate: 0.02,
  weightDecay: 0.3,
  clip: 0.05,
  lambda: 0.7,
  temperature: 0.6,
  noiseStart: 0.9,
  noiseEnd: 0.4,
  noiseSteps: 0.8,
  seed: 11,
};
/** Peak · (step + 1) / (warm-up + 1), then half a cosine from the peak to a twentieth of it. */
const learningRates = [
  0.02 / 3,
  (0.02 * 2) / 3,
  ...[0, 1 / 3, 2 / 3].map((progress) => 0.001 + (0.019 * (1 + Math.cos(Math.PI * progress))) / 2),
];
/** A line over 0.8 · 5 steps. */
const noiseScales = [0.9, 0.775, 0.65, 0.525, 0.4];

/** The optimizers as the recipe has them: weight decay for matrices alone. */
const optimizers: Record<
  TrainingConfig['optimizer'],
  (groups: ConstructorParameters<typeof AdamW>[0]) => Optimizer
> = {
  adamw: (groups) => new AdamW(groups, { betas: [0.9, 0.95] }),
  adafactor: (groups) => new Adafactor(groups),
  sgd: (groups) => new Sgd(groups, { momentum: 0.9 }),
};

/** Scales gradients down to a global norm of `clip`, and returns the norm they had. */
function clipTo(clip: number, parameters: readonly Tensor[]): number {
  const slopes = parameters.flatMap(({ grad }) => (grad ? [...grad.toTypedArray()] : []));
  const norm = Math.sqrt(slopes.reduce((sum, slope) => sum + slope * slope, 0));
  for (const parameter of parameters) {
    if (parameter.grad && norm > clip) parameter.grad = parameter.grad.mul(clip / norm);
  }
  return norm;
}

test.each(Object.keys(optimizers) as TrainingConfig['optimizer'][])('with %s', (name) => {
  const base = tinyRun(
    { ...training, optimizer: name },
    { estimator: 'straight-through', density: [0.5, 0.25] },
  );
  const { dataset, tokenizer } = loadCorpus(base);
  const config = { ...base, model: { ...base.model, vocabularySize: tokenizer.vocabularySize } };
  const trainer = new Trainer(config, dataset);

  const model = new SkipTransformer(config.model).train();
  const named = model.namedParameters();
  const matrices = named.filter(([, { rank }]) => rank > 1);
  const others = named.filter(([, { rank }]) => rank === 1);
  expect(matrices.length + others.length).toBe(named.length);
  const optimizer = optimizers[name]([
    { parameters: matrices, weightDecay: 0.3 },
    { parameters: others, weightDecay: 0 },
  ]);
  for (let step = 0; step < 5; step++) {
    const { context } = config.model;
    const { inputs, targets } = dataset.batch(step, { batchSize: 2, context, seed: 11 });
    const { logits, routes } = model.forward(fromTypedArray(inputs, [2, context]), {
      random: new Random(11).fork('routing').fork(step),
      noiseScale: noiseScales[step],
      temperature: 0.6,
    });
    const nll = nextTokenLoss(logits, fromTypedArray(targets, [2 * context]));
    const misses = routes.map(({ density }, layer) => density.sub([0.5, 0.25][layer]).square());
    const loss = nll.add(misses[0].add(misses[1]).mul(0.7));
    loss.backward();
    const norm = clipTo(0.05, model.parameters());
    expect(norm, 'clipping bites').toBeGreaterThan(0.05);
    noGrad(() => optimizer.step(learningRates[step]));
    optimizer.zeroGrad();

    const row = trainer.trainStep();
    expect(row.step).toBe(step + 1);
    expect(row.trainLoss).toBeCloseTo(nll.item(), 5);
    expect(row.auxiliaryLoss).toBeCloseTo(misses[0].item() + misses[1].item(), 6);
    expect(row.learningRate).toBeCloseTo(learningRates[step], 12);
    expect(row.noiseScale).toBeCloseTo(noiseScales[step], 12);
    expect(row.gradNorm).toBeCloseTo(norm, 4);
    expect(row.densityPerLayer).toEqual(routes.map(({ density }) => density.item()));
  }
  const trained = trainer.model.stateDict();
  for (const [key, value] of model.stateDict()) {
    // Its true gradient is 0 (it moves all scores of a query alike), so optimizers make steps out of rounding.
    if (key.endsWith('key.bias')) continue;
    const other = trained.get(key)?.toTypedArray() as Float32Array;
    const error = Math.max(...Array.from(value.toTypedArray(), (x, i) => Math.abs(x - other[i])));
    expect(error, key).toBeLessThan(5e-6);
  }
});

test('a step that does not fit into memory says how large the model is, and what to lower', () => {
  const config = tinyRun();
  const trainer = new Trainer(config, loadCorpus(config).dataset);
  trainer.model.forward = () => {
    throw new OutOfMemory('cpu: out of memory: 64 bytes do not fit');
  };
  const size = `${trainer.model.parameterCount()} parameters`;
  expect(() => trainer.trainStep()).toThrow(size);
  expect(() => trainer.trainStep()).toThrow(
    /does not fit into memory \(cpu: out of memory: 64 bytes do not fit\); lower batchSize, context, dim or layers/,
  );
});
