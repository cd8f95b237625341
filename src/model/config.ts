/** The shape of a model: what is fixed when it is made, saved beside its weights. */
import { type EstimatorName, estimators } from '../routing/estimators.ts';
import { type RouterName, routers } from '../routing/table.ts';
import { OpError } from '../tensor/errors.ts';

export const wrapChoices = ['layer', 'attention', 'feed-forward'] as const;

/** What one routing decision covers: the whole layer (the paper), or one of its two halves. */
export type Wraps = (typeof wrapChoices)[number];

export interface ModelConfig {
  vocabularySize: number;
  /** Longest text the model sees, in tokens. */
  context: number;
  layers: number;
  dim: number;
  heads: number;
  /** Hidden size of the feed-forward as a multiple of dim (paper: 8). */
  feedForward: number;
  /** Whether the feed-forward is gated. */
  gated: boolean;
  router: RouterName;
  estimator: EstimatorName;
  wraps: Wraps;
  /** Whether a token that skips a layer leaves no key and value there, so that later tokens do not see it. */
  dropSkippedKeys: boolean;
  /** Whether routers read a copy of the tokens through which no gradient of theirs reaches the layers below. */
  detachRouter: boolean;
  /** P, the share of tokens that should run each layer; one number, or one per layer. A layer with 1 has no router. */
  density: number | number[];
  /** Standard deviation of the initial token embeddings (the residual stream's scale). */
  embeddingScale: number;
  /** Standard deviation of the initial router weights. */
  routerScale: number;
  /** The probability of its likeliest next token from which a token exits early. */
  exitThreshold: number;
  /** Seed of the initial weights. */
  seed: number;
}

export const defaultModel: ModelConfig = {
  vocabularySize: 256,
  context: 128,
  layers: 6,
  dim: 64,
  heads: 4,
  feedForward: 4,
  gated: false,
  router: 'learned',
  estimator: 'taken-branch',
  wraps: 'layer',
  dropSkippedKeys: false,
  detachRouter: false,
  density: 0.5,
  embeddingScale: 0.2,
  routerScale: 0.1,
  exitThreshold: 0.9,
  seed: 0,
};

/** Weights, gradients and two moments of so many numbers fill the 4 GB of a WebAssembly memory. */
const MOST_PARAMETERS = 2 ** 28;
/** What the objects of a layer take, beside its weights, in numbers. */
const LAYER_OVERHEAD = 10_000;

/** How many numbers the matrices of a model hold: nearly all of its parameters, and never more. */
export function matrixSize({ vocabularySize, context, layers, dim, feedForward }: ModelConfig): number {
  return layers * (4 + 2 * feedForward) * dim ** 2 + (2 * vocabularySize + context) * dim;
}

/** P of every layer; 1 where the router has no such target. */
export function densityPerLayer(config: ModelConfig): number[] {
  const { takes } = routers[config.router];
  return takes.includes('density') ? givenPerLayer(config) : new Array<number>(config.layers).fill(1);
}

function givenPerLayer({ density, layers }: ModelConfig): number[] {
  return typeof density === 'number' ? new Array<number>(layers).fill(density) : density;
}

/** @throws OpError naming the first setting that cannot work, and what would. */
export function checkModelConfig(config: ModelConfig): void {
  const positive = ['vocabularySize', 'context', 'layers', 'dim', 'heads', 'feedForward'] as const;
  for (const name of positive) {
    if (!Number.isSafeInteger(config[name]) || config[name] < 1) {
      throw new OpError('model', `${name} must be a whole number from 1 up, not ${config[name]}`);
    }
  }
  if (matrixSize(config) + LAYER_OVERHEAD * config.layers > MOST_PARAMETERS) {
    const sizes = positive.map((name) => `${name} ${config[name]}`).join(', ');
    throw new OpError('model', `${sizes} do not fit into 4 GB of memory; lower the largest of them`);
  }
  for (const name of ['embeddingScale', 'routerScale', 'exitThreshold'] as const) {
    if (!(config[name] >= 0 && Number.isFinite(config[name]))) {
      throw new OpError('model', `${name} must be a number from 0 up, not ${config[name]}`);
    }
  }
  if (config.dim % config.heads !== 0) {
    throw new OpError('model', `dim ${config.dim} must be a multiple of heads ${config.heads}`);
  }
  const densities = givenPerLayer(config);
  if (densities.length !== config.layers) {
    throw new OpError(
      'model',
      `density lists ${densities.length} values for ${config.layers} layers; give one, or one per layer`,
    );
  }
  if (densities.some((p) => !(p > 0 && p <= 1))) {
    throw new OpError('model', `density ${densities.join(', ')} must be above 0 and at most 1`);
  }
  const choices = { router: Object.keys(routers), estimator: Object.keys(estimators), wraps: wrapChoices };
  for (const [name, known] of Object.entries(choices) as [keyof typeof choices, readonly string[]][]) {
    if (!known.includes(config[name])) {
      throw new OpError('model', `${name} '${config[name]}' is unknown; choose ${known.join(', ')}`);
    }
  }
  if (config.dropSkippedKeys && config.wraps === 'feed-forward') {
    throw new OpError(
      'model',
      "dropSkippedKeys drops nothing where the feed-forward alone is skipped; wrap the 'layer' or the 'attention'",
    );
  }
}
