/** Measuring a model on held-out text, with real skipping. */
import { noGrad } from '../autograd/mode.ts';
import type { Batch } from '../data/text-dataset.ts';
import { inScope } from '../device/scope.ts';
import type { SkipTransformer } from '../model/skip-transformer.ts';
import { stack } from '../ops/stack.ts';
import { fromTypedArray } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface Evaluation {
  /** Mean negative log-likelihood, nats per token. */
  loss: number;
  /** Share of tokens that ran each routed layer, without noise (argmax). */
  densityPerLayer: number[];
  /** Mean over layers; 1 for a dense model. */
  density: number;
  /** Forward FLOPs per token that ran, and that the dense model would have run. */
  flopsPerToken: number;
  denseFlopsPerToken: number;
  tokens: number;
}

/** Ids and targets of a batch as tensors: (B, T) and (B · T). */
export function batchTensors({ inputs, targets, shape }: Batch): { ids: Tensor; targets: Tensor } {
  return { ids: fromTypedArray(inputs, shape), targets: fromTypedArray(targets, [targets.length]) };
}

/** The loss of logits (B, T, V) at targets (B · T): the mean, in nats. */
export function nextTokenLoss(logits: Tensor, targets: Tensor): Tensor {
  return logits.reshape([targets.size, logits.shape[2]]).crossEntropy(targets);
}

/** The values of scalars on one device, which is asked once: it then waits for all that has been launched. */
export function readScalars(scalars: readonly Tensor[]): number[] {
  return noGrad(() => [...stack(scalars).toTypedArray()]);
}

/** Evaluates a model on batches, in evaluation mode; leaves it in the mode it was in. */
export function evaluate(model: SkipTransformer, batches: readonly Batch[]): Evaluation {
  let tokens = 0;
  const sums = { loss: 0, executed: 0, dense: 0 };
  const active: number[] = [];
  model.inEvaluation(() => {
    for (const batch of batches) {
      const count = batch.targets.length;
      tokens += count;
      inScope(() =>
        noGrad(() => {
          const { ids, targets } = batchTensors(batch);
          const { logits, routes, flops } = model.forward(ids);
          const [loss, ...densities] = readScalars([
            nextTokenLoss(logits, targets),
            ...routes.map(({ density }) => density),
          ]);
          sums.loss += loss * count;
          sums.executed += flops.executed * count;
          sums.dense += flops.dense * count;
          densities.forEach((density, layer) => {
            active[layer] = (active[layer] ?? 0) + density * count;
          });
        }),
      );
    }
  });
  const densityPerLayer = active.map((sum) => sum / tokens);
  return {
    loss: sums.loss / tokens,
    densityPerLayer,
    density: densityPerLayer.length > 0 ? mean(densityPerLayer) : 1,
    flopsPerToken: sums.executed / tokens,
    denseFlopsPerToken: sums.dense / tokens,
    tokens,
  };
}

/** Arithmetic mean of a list that is not empty. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
