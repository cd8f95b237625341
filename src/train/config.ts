/** How a model is trained: what stands in a run's config.json beside the model's own shape. */
import type { ModelConfig } from '../model/config.ts';
import { OpError } from '../tensor/errors.ts';

export const optimizerNames = ['adamw', 'adafactor', 'sgd'] as const;

export interface TrainingConfig {
  /** Optimizer steps. */
  steps: number;
  /** Texts per step, each of the model's context. */
  batchSize: number;
  optimizer: (typeof optimizerNames)[number];
  /** Peak learning rate: reached after the warm-up, then decayed along a cosine. */
  learningRate: number;
  /** Steps of linear warm-up. */
  warmup: number;
  weightDecay: number;
  /** Largest global gradient norm; longer gradients are scaled down to it. */
  clip: number;
  /** Weight of the density loss (paper: 0.1). */
  lambda: number;
  /** τ of the routers' softmax. */
  temperature: number;
  /** Factor on the Gumbel noise at the first step (paper: 1) … */
  noiseStart: number;
  /** … falling along a line to this value (paper: 1) … */
  noiseEnd: number;
  /** … over this share of the steps. */
  noiseSteps: number;
  /** P is 1 for this share of the steps (paper: 0) … */
  densityFallStart: number;
  /** … and falls along a line, to reach its target after this share (paper: 0). */
  densityFallEnd: number;
  /** Held-out loss and densities are measured every so many steps, and at the end. */
  evaluateEvery: number;
  /** Held-out batches per measurement. */
  evaluateBatches: number;
  /** A checkpoint is written every so many steps, and at the end. */
  checkpointEvery: number;
  /** Share of the texts per step that are questions of hop-24, from 0 to 1. */
  hop24: number;
  /** Seed of batches and routing noise. */
  seed: number;
}

/** Everything that fixes a run: the same configuration gives the same numbers. */
export interface RunConfig {
  model: ModelConfig;
  training: TrainingConfig;
  /** Text file or folder; null for the embedded corpus. */
  data: string | null;
  /** 'character', 'byte', or the path of a Hugging Face tokenizer.json. */
  tokenizer: string;
  /** What `useDevice` was asked for. */
  device: string;
}

export const defaultTraining: TrainingConfig = {
  steps: 4000,
  batchSize: 16,
  optimizer: 'adamw',
  learningRate: 8e-3,
  warmup: 40,
  weightDecay: 0.1,
  clip: 1,
  lambda: 1,
  temperature: 1,
  noiseStart: 0,
  noiseEnd: 0,
  noiseSteps: 0.6,
  densityFallStart: 0,
  densityFallEnd: 0,
  evaluateEvery: 250,
  evaluateBatches: 8,
  checkpointEvery: 100,
  hop24: 0,
  seed: 0,
};

/** In a batch. */
const MOST_TEXTS = 2 ** 16;

/** @throws OpError naming the first setting that cannot work, and what would. */
export function checkTrainingConfig(config: TrainingConfig): void {
  const counts = ['steps', 'batchSize', 'evaluateEvery', 'evaluateBatches', 'checkpointEvery'] as const;
  for (const name of counts) {
    if (!Number.isSafeInteger(config[name]) || config[name] < 1) {
      throw new OpError('training', `${name} must be a whole number from 1 up, not ${config[name]}`);
    }
  }
  if (config.batchSize > MOST_TEXTS) {
    throw new OpError('training', `batchSize ${config.batchSize} is more than fits into memory; lower it`);
  }
  const positive = ['learningRate', 'clip', 'temperature'] as const;
  for (const name of positive) {
    if (!(config[name] > 0)) throw new OpError('training', `${name} must be above 0, not ${config[name]}`);
  }
  const atLeastZero = ['warmup', 'weightDecay', 'lambda', 'noiseStart', 'noiseEnd', 'noiseSteps'] as const;
  for (const name of atLeastZero) {
    if (!(config[name] >= 0)) throw new OpError('training', `${name} must be 0 or more, not ${config[name]}`);
  }
  const { densityFallStart: from, densityFallEnd: to } = config;
  if (!(from >= 0 && to >= from && to <= 1)) {
    throw new OpError(
      'training',
      `density must fall between two shares of the steps, in order, from 0 to 1, not ${from} and ${to}`,
    );
  }
  if (!(config.hop24 >= 0 && config.hop24 <= 1)) {
    throw new OpError('training', `hop24 must be a share from 0 to 1, not ${config.hop24}`);
  }
  if (!Number.isSafeInteger(config.seed) || config.seed < 0) {
    throw new OpError('training', `seed must be a whole number from 0 up, not ${config.seed}`);
  }
  if (!optimizerNames.includes(config.optimizer)) {
    throw new OpError(
      'training',
      `optimizer '${config.optimizer}' is unknown; choose ${optimizerNames.join(', ')}`,
    );
  }
}
