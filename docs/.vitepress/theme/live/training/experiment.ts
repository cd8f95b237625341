/**
 * What a reader can set on the pages that train, as flat values that an address can carry, and the library's configuration
 * that follows from it.
 */
import {
  defaultModel,
  defaultTraining,
  type EstimatorName,
  type ModelConfig,
  type RouterName,
  routers,
  type TrainingConfig,
} from '../../../../../src/index.ts';

/** Everything that fixes a run, beside its text. */
export interface Experiment {
  router: RouterName;
  estimator: EstimatorName;
  /** P, of every layer that has a router. */
  density: number;
  layers: number;
  /** How many of the first layers run for every token. */
  firstOn: number;
  /** D: numbers per token. */
  width: number;
  lambda: number;
  temperature: number;
  /** Factor on the Gumbel noise. */
  noise: number;
  /** Whether it falls to 0 over the first 60 % of the steps. */
  noiseFalls: boolean;
  learningRate: number;
  steps: number;
  seed: number;
}

export type Setting = keyof Experiment;

/** Small enough for a laptop's one thread; sparse, and routed from the first layer on, so that routers differ soon. */
export const defaultExperiment: Experiment = {
  router: 'learned',
  estimator: 'taken-branch',
  density: 0.35,
  layers: 6,
  firstOn: 0,
  width: 32,
  lambda: 1,
  temperature: 1,
  noise: 0,
  noiseFalls: false,
  learningRate: 0.01,
  steps: 2000,
  seed: 0,
};

/** Of every run here: texts in a step, and tokens in each. */
export const BATCH = 8;
export const CONTEXT = 64;
const HEAD_WIDTH = 16;

/** What a setting may be. */
export const RANGES = {
  density: { least: 0.05, most: 0.95, step: 0.05 },
  layers: { least: 1, most: 12, step: 1 },
  firstOn: { least: 0, most: 4, step: 1 },
  lambda: { least: 0, most: 3, step: 0.1 },
  temperature: { least: 0.1, most: 3, step: 0.1 },
  noise: { least: 0, most: 2, step: 0.1 },
  learningRate: { least: 0.0005, most: 0.05 },
  steps: { least: 50, most: 20_000 },
  seed: { least: 0, most: 2 ** 31 },
} as const;
export const WIDTHS: readonly number[] = [16, 32, 48, 64, 96];
export const STEPS: readonly number[] = [500, 1000, 2000, 4000, 8000];
export const LEARNING_RATES: readonly number[] = [0.001, 0.002, 0.005, 0.01, 0.02];
const ESTIMATORS: readonly EstimatorName[] = ['taken-branch', 'straight-through'];

/** Settings that are the model itself: another value is another model, which starts untrained. */
export const OF_THE_MODEL: readonly Setting[] = ['router', 'layers', 'firstOn', 'width', 'seed'];

/** The settings in which two experiments differ and for which the second needs a new model. */
export function changesOfModel(from: Experiment, to: Experiment): Setting[] {
  return OF_THE_MODEL.filter((name) => from[name] !== to[name]);
}

/** Whether a setting does anything with a router. */
export function matters(setting: Setting, router: RouterName): boolean {
  const { takes } = routers[router];
  if (setting === 'density' || setting === 'firstOn') return takes.includes('density');
  if (setting === 'noiseFalls') return takes.includes('noise');
  if (['estimator', 'lambda', 'temperature', 'noise'].includes(setting))
    return takes.includes(setting as 'estimator');
  return true;
}

/** The nearest experiment that can run: an address can say anything. */
export function tidy<E extends Experiment>(experiment: E): E {
  const { router, estimator, width } = experiment;
  const within = (name: keyof typeof RANGES, whole = false): number => {
    const { least, most } = RANGES[name];
    const value = Math.min(most, Math.max(least, experiment[name]));
    return whole ? Math.round(value) : value;
  };
  const layers = within('layers', true);
  return {
    ...experiment,
    router: Object.hasOwn(routers, router) ? router : defaultExperiment.router,
    estimator: ESTIMATORS.includes(estimator) ? estimator : defaultExperiment.estimator,
    density: within('density'),
    layers,
    firstOn: Math.min(within('firstOn', true), layers),
    width: WIDTHS.includes(width) ? width : defaultExperiment.width,
    lambda: within('lambda'),
    temperature: within('temperature'),
    noise: within('noise'),
    learningRate: within('learningRate'),
    steps: within('steps', true),
    seed: within('seed', true),
  };
}

/** The library's configuration of an experiment, over a vocabulary of so many tokens. */
export function configure(
  experiment: Experiment,
  vocabularySize: number,
): { model: ModelConfig; training: TrainingConfig } {
  const { router, estimator, layers, firstOn, width, density, noise, seed, steps } = experiment;
  return {
    model: {
      ...defaultModel,
      vocabularySize,
      router,
      estimator,
      layers,
      seed,
      context: CONTEXT,
      dim: width,
      heads: width / HEAD_WIDTH,
      density: Array.from({ length: layers }, (_, layer) => (layer < firstOn ? 1 : density)),
    },
    training: {
      ...defaultTraining,
      steps,
      seed,
      batchSize: BATCH,
      learningRate: experiment.learningRate,
      lambda: experiment.lambda,
      temperature: experiment.temperature,
      noiseStart: noise,
      noiseEnd: experiment.noiseFalls ? 0 : noise,
      // The session measures by itself, more often and with more to tell.
      evaluateEvery: steps,
      evaluateBatches: 1,
    },
  };
}

/** P as the figures draw it: the mean over layers; 1 where the router has no target. */
export function targetOf({ router, density, layers, firstOn }: Experiment): number {
  if (!routers[router].takes.includes('density')) return 1;
  return (Math.min(firstOn, layers) + Math.max(0, layers - firstOn) * density) / layers;
}

/** A few words that tell an experiment from another. */
export function nameOf({ router, layers, density, firstOn }: Experiment): string {
  const name = router === 'none' ? 'dense' : router;
  const target = routers[router].takes.includes('density') ? `, P ${Number(density.toFixed(2))}` : '';
  const first = firstOn === 1 ? 'first layer' : `first ${firstOn} layers`;
  const open = target && firstOn > 0 ? `, ${first} on` : '';
  return `${name}, ${layers} layer${layers === 1 ? '' : 's'}${target}${open}`;
}
