/** Reading texts with a model, and keeping for each token what it used and how well it told the next one. */
import { noGrad } from '../autograd/mode.ts';
import type { Batch } from '../data/text-dataset.ts';
import { inScope } from '../device/scope.ts';
import type { SkipTransformer } from '../model/skip-transformer.ts';
import { batchTensors } from './evaluate.ts';

/** What a model made of a batch (B, T), token by token: token t of text b stands at b · T + t. */
export interface BatchReading {
  /** [layer][token]: 1 where the layer ran. One list per routed layer; none for a dense model. */
  active: Uint8Array[];
  /** −log p of each target, in nats: the loss of saying what follows, from the state at the token. */
  losses: Float64Array;
}

/** Reads a batch, skipping for real. The model should be in evaluation. */
export function readBatch(model: SkipTransformer, batch: Batch): BatchReading {
  return inScope(() =>
    noGrad(() => {
      const { ids, targets } = batchTensors(batch);
      const { logits, routes } = model.forward(ids); // (B, T, V)
      const logs = logits.logSoftmax(-1).gather(2, targets.reshape([...batch.shape, 1])); // (B, T, 1)
      return {
        active: routes.map(({ active }) => Uint8Array.from(active.toTypedArray())),
        losses: Float64Array.from(logs.neg().toTypedArray()),
      };
    }),
  );
}
