/** How every model of the comparison is trained, but for what its row in models.ts says: the one place to tune. */
import { defaultModel } from '../model/config.ts';
import { defaultTraining, type RunConfig } from '../train/config.ts';

export const recipe: RunConfig = {
  model: { ...defaultModel, layers: 3, dim: 32, heads: 2, context: 96, feedForward: 8 },
  training: {
    ...defaultTraining,
    steps: 10_000,
    batchSize: 8,
    learningRate: 1e-2,
    warmup: 100,
    hop24: 0.5,
  },
  data: null,
  tokenizer: 'character',
  device: 'cpu',
};

/** Trainings of each model. */
export const SEEDS = 3;

/** Of each task of hop-24. */
export const QUESTIONS = 200;

/** What `--quick` makes smaller: enough to see which way the figures go, not how far. */
export const quick: { steps: number; seeds: number; questions: number } = {
  steps: recipe.training.steps / 5,
  seeds: 2,
  questions: 50,
};
