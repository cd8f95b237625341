/** Small random models and texts for the properties beside this file. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import { fromTypedArray, gradients, Random, randn, Tensor } from '../../src/index.ts';
import { defaultModel, type ModelConfig, wrapChoices } from '../../src/model/config.ts';
import type { Execution, LayerOptions } from '../../src/model/skip-layer.ts';
import { type ForwardResult, SkipTransformer } from '../../src/model/skip-transformer.ts';
import type { Module } from '../../src/nn/module.ts';
import { exitLoss } from '../../src/routing/compared/exit-loss.ts';
import { type EstimatorName, estimators } from '../../src/routing/estimators.ts';
import { type RouterName, routers } from '../../src/routing/table.ts';
import { holds } from '../properties/runs.ts';

export const VOCABULARY = 11;
export const CONTEXT = 8;

// Read from the tables, so that a new row is tested without another line.
export const routerNames = Object.keys(routers) as RouterName[];
export const estimatorNames = Object.keys(estimators) as EstimatorName[];
export const executions: readonly Execution[] = ['masked', 'gathered'];

/** `holds` for one example, which a failure shows. */
export function holdsFor<T>(
  name: string,
  example: fc.Arbitrary<T>,
  check: (example: T) => void,
  cases?: number,
): void {
  const drawn = (): fc.Arbitrary<T> => example;
  holds(
    name,
    (g) => {
      const value = g(drawn);
      try {
        check(value);
      } catch (error) {
        throw new Error(`${(error as Error).message}\nfor ${fc.stringify(value)}`, { cause: error });
      }
    },
    cases,
  );
}

/** Shapes and routing of a small model; routers start wide, so that decisions differ from token to token. */
export function anyConfig(fixed: Partial<ModelConfig> = {}): fc.Arbitrary<ModelConfig> {
  return fc
    .record({
      layers: fc.integer({ min: 1, max: 3 }),
      heads: fc.constantFrom(1, 2),
      dim: fc.constantFrom(4, 8),
      feedForward: fc.constantFrom(1, 2),
      gated: fc.boolean(),
      router: fc.constantFrom(...routerNames),
      estimator: fc.constantFrom(...estimatorNames),
      wraps: fc.constantFrom(...wrapChoices),
      dropSkippedKeys: fc.boolean(),
      detachRouter: fc.boolean(),
      density: fc.constantFrom(0.25, 0.5, 0.9),
      seed: fc.nat(1000),
      exitThreshold: fc.constantFrom(0.25, 0.3, 0.35),
    })
    .map((drawn) => ({
      ...defaultModel,
      vocabularySize: VOCABULARY,
      context: CONTEXT,
      embeddingScale: 1,
      routerScale: 2,
      ...drawn,
      ...fixed,
    }))
    .map((config) => ({
      ...config,
      dropSkippedKeys: config.dropSkippedKeys && config.wraps !== 'feed-forward',
    }));
}

/** A model of one configuration that suits `fixed`. */
export function someConfig(fixed: Partial<ModelConfig> = {}, seed = 1): ModelConfig {
  return fc.sample(anyConfig(fixed), { numRuns: 1, seed })[0];
}

/** Ids (B, T), as rows of numbers. */
export function anyRows({ minBatch = 1, maxBatch = 3, maxTokens = CONTEXT } = {}): fc.Arbitrary<number[][]> {
  const id = fc.nat(VOCABULARY - 1);
  return fc.integer({ min: 2, max: maxTokens }).chain((tokens) =>
    fc.array(fc.array(id, { minLength: tokens, maxLength: tokens }), {
      minLength: minBatch,
      maxLength: maxBatch,
    }),
  );
}

/** Rows of numbers as ids (B, T). */
export function idsOf(rows: readonly (readonly number[])[]): Tensor {
  return fromTypedArray(Int32Array.from(rows.flat()), [rows.length, rows[0].length]);
}

/** How a layer is called on its own: in evaluation, or without noise. */
export const layerOptions: LayerOptions = {
  random: null,
  temperature: 1,
  noiseScale: 1,
  densityProgress: 1,
  start: 0,
  valid: null,
  forceOpen: false,
  cache: null,
  exitLogits: () => {
    throw new Error('a layer on its own has no exits');
  },
};

/** Whether no router looks at later tokens in training: at inference none may. */
export function causalInTraining(model: SkipTransformer): boolean {
  return model.layers.every((layer) => layer.router?.causal !== 'inference');
}

/** Whether gradients can be had from the active tokens alone. */
export function gathers({ router, estimator }: ModelConfig): boolean {
  return !(routers[router].takes.includes('estimator') && estimators[estimator].readsSkipped);
}

/** The whole training loss, λ = 1, of a model that is to say each token again. */
export function trainingLoss(
  { logits, exitLogits, densityLoss, routerLoss }: ForwardResult,
  ids: Tensor,
): Tensor {
  const nll = exitLoss([...exitLogits, logits].map((said) => nextTokenLoss(said, ids.reshape([ids.size]))));
  return [densityLoss, routerLoss].reduce<Tensor>((total, loss) => (loss ? total.add(loss) : total), nll);
}

/**
 * Compares the gradient of a loss, along a random direction of all parameters of a float64 model, with finite differences.
 * Leaves the parameters moved.
 */
export function expectTrueGradient(model: SkipTransformer, loss: () => Tensor, seed: number): void {
  const parameters = model.parameters();
  const random = new Random(seed);
  const ways = parameters.map(({ shape }, i) => randn(shape, random.fork(i), { dtype: 'float64' }));
  const slopes = gradients(loss(), parameters).map((slope, i) => slope.mul(ways[i]).sum().item());
  const starts = parameters.map((parameter) => parameter.mul(1).detach().contiguous());
  const at = (step: number): number => {
    parameters.forEach((parameter, i) => parameter.assign(starts[i].add(ways[i].mul(step))));
    return loss().item();
  };
  const [slope, h] = [slopes.reduce((sum, one) => sum + one, 0), 1e-6]; // so small that no decision turns over
  const difference = (step: number): number => (at(step) - at(-step)) / (2 * step);
  // Norms over a few numbers may bend sharply: two steps, so that the third derivative drops out.
  const expected = (4 * difference(h / 2) - difference(h)) / 3;
  expect(Math.abs(expected - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(slope)));
}

/** The model in float64, where two orders of summation agree to 1e-12 and not to 1e-5. */
export function float64Model(config: ModelConfig): SkipTransformer {
  const model = new SkipTransformer(config);
  convert(model);
  return model;
}

function convert(module: Module): void {
  for (const [name, field] of Object.entries(module)) {
    if (!(field instanceof Tensor)) continue;
    const leaf = field.detach().to('float64');
    leaf.requiresGrad = true;
    (module as unknown as Record<string, Tensor>)[name] = leaf;
  }
  for (const [, child] of module.children()) convert(child);
}

/** Largest difference between two tensors, element by element. */
export function distance(a: Tensor, b: Tensor): number {
  const right = b.toTypedArray();
  return Math.max(0, ...Array.from(a.toTypedArray(), (value, i) => Math.abs(value - right[i])));
}

/** The same numbers, to the last bit. */
export function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]));
}
