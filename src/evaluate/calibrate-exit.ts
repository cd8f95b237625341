/** Finding the confidence at which tokens must stop so that they run so many layers as are wanted. */
import type { Batch } from '../data/text-dataset.ts';
import type { SkipTransformer } from '../model/skip-transformer.ts';
import { EarlyExitRouter } from '../routing/compared/early-exit-router.ts';
import { OpError } from '../tensor/errors.ts';
import { evaluate } from './evaluate.ts';

/** Halvings of the thresholds from 0 to 2: the last are 2e-6 apart. */
const HALVINGS = 20;
/** So near, in layers per token, is near enough: other text differs by more. */
const NEAR = 0.002;

export interface CalibratedExit {
  threshold: number;
  /** Mean layers per token that it gives on the text it was found on. */
  layersPerToken: number;
}

/**
 * Sets the threshold of every early-exit router of a model: it holds for whatever the model reads from now on. The
 * model's config keeps the threshold that it was made with.
 *
 * @throws OpError where the model has no such routers, or for a threshold below 0
 */
export function setExitThreshold(model: SkipTransformer, threshold: number): void {
  if (!(threshold >= 0)) throw new OpError('setExitThreshold', `threshold ${threshold} must be 0 or more`);
  for (const { router } of model.layers) {
    if (!(router instanceof EarlyExitRouter)) {
      const { router: name } = model.config;
      throw new OpError(
        'setExitThreshold',
        `a model with the router '${name}' has no exits; use 'early-exit'`,
      );
    }
    router.threshold = threshold;
  }
}

/**
 * Sets the threshold by which tokens of `batches` run `layersPerToken` layers in the mean, as nearly as it can be had,
 * and returns it. Take text that training has seen: what is held out is to be measured with the threshold found.
 *
 * It halves an interval, since a higher threshold means more layers; not strictly so, for tokens look at what others
 * left when they stopped: the nearest of all that were tried is taken.
 *
 * @param layersPerToken from 1 to the model's layers
 * @throws OpError where the model has no exits, there is no text, or no threshold can give so many layers
 */
export function calibrateExit(
  model: SkipTransformer,
  batches: readonly Batch[],
  layersPerToken: number,
): CalibratedExit {
  const { layers } = model.config;
  if (batches.length === 0) throw new OpError('calibrateExit', 'needs at least one batch of text');
  if (!(layersPerToken >= 1 && layersPerToken <= layers)) {
    throw new OpError(
      'calibrateExit',
      `${layersPerToken} layers per token cannot be had from ${layers} layers; choose from 1 to ${layers}`,
    );
  }
  const miss = (one: CalibratedExit): number => Math.abs(one.layersPerToken - layersPerToken);
  let low: CalibratedExit = { threshold: 0, layersPerToken: 1 }; // everybody stops after the first layer
  let high: CalibratedExit = { threshold: 2, layersPerToken: layers }; // above 1 nobody stops
  let best = miss(low) < miss(high) ? low : high;
  for (let i = 0; i < HALVINGS && miss(best) > NEAR; i++) {
    const threshold = (low.threshold + high.threshold) / 2;
    setExitThreshold(model, threshold);
    const middle = { threshold, layersPerToken: evaluate(model, batches).density * layers };
    if (miss(middle) < miss(best)) best = middle;
    if (middle.layersPerToken < layersPerToken) low = middle;
    else high = middle;
  }
  setExitThreshold(model, best.threshold);
  return best;
}
