/** A training run of a moment, every bit of which can be compared: in Node, in a page, in a worker. */
import {
  defaultModel,
  defaultTraining,
  Random,
  type RunConfig,
  type StepMetrics,
  TextDataset,
  Trainer,
} from '../../src/index.ts';

export interface Trained {
  /** Of every step: everything but the time it took. */
  curve: Omit<StepMetrics, 'tokensPerSecond'>[];
  /** A hash of the bits of every weight and of the optimizer's state after the last step. */
  state: string;
}

const VOCABULARY = 29;

/** Large enough that most kernels are cut into parts, for threads to share. */
const config: RunConfig = {
  model: { ...defaultModel, vocabularySize: VOCABULARY, layers: 2, dim: 48, heads: 3, context: 64 },
  training: { ...defaultTraining, steps: 8, warmup: 2, noiseStart: 1, evaluateEvery: 4, evaluateBatches: 2 },
  data: null,
  tokenizer: 'character',
  device: 'cpu',
};

/**
 * Trains on the current device. Between steps it lets threads come up, so that there may be more of them at the end.
 *
 * @param until the step after which to stop; default: the last
 */
export async function trainTiny(until: number = config.training.steps): Promise<Trained> {
  const random = new Random(3);
  // Every token is near the one before it, so that there is something to learn.
  let token = 0;
  const ids = Int32Array.from({ length: 4000 }, () => {
    token = (token + random.int(4)) % VOCABULARY;
    return token;
  });
  const trainer = new Trainer(config, new TextDataset(ids, 0.5));
  const curve: Trained['curve'] = [];
  while (curve.length < until) {
    const { tokensPerSecond: _, ...row } = trainer.trainStep();
    curve.push(row);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return { curve, state: hash([...trainer.state().values()].map((tensor) => tensor.toTypedArray())) };
}

/** FNV-1a over the bytes of arrays. */
function hash(arrays: readonly ArrayBufferView[]): string {
  let value = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) {
      value = Math.imul(value ^ byte, 0x01000193);
    }
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}
