/**
 * The training step by which hopgrad is measured, and the peers beside it (see peers/): forward, backward and AdamW of a
 * dense transformer on one batch of random text, float32, with everything the trainer does but clipping.
 */
import { inScope } from '../src/device/scope.ts';
import {
  AdamW,
  defaultModel,
  flopsSoFar,
  fromTypedArray,
  type ModelConfig,
  nextTokenLoss,
  Random,
  SkipTransformer,
} from '../src/index.ts';

const VOCABULARY = 256;

/** batch,sequence,dim,heads,layers; the feed-forward is 4 times as wide as dim. */
export const sizes = {
  d32: '4,32,32,2,1',
  d64: '8,64,64,4,2',
  d128: '8,128,128,4,4',
  d256: '8,128,256,8,4',
} as const;

export interface Yardstick {
  readonly model: SkipTransformer;
  readonly parameters: number;
  /** In a batch. */
  readonly tokens: number;
  /** Runs one step. @returns the loss */
  step(): number;
  /** The mean number of floating-point operations that the steps so far ran, all of forward, backward and update. */
  flopsPerStep(): number;
}

/** @param changes to the model: by default it is dense */
export function makeYardstick(size: string, changes: Partial<ModelConfig> = {}): Yardstick {
  const [batch, context, dim, heads, layers] = size.split(',').map(Number);
  const model = new SkipTransformer({
    ...defaultModel,
    ...{ vocabularySize: VOCABULARY, context, dim, heads, layers },
    router: 'none',
    density: 1,
    ...changes,
  });
  const named = model.namedParameters();
  const optimizer = new AdamW(named);
  const random = new Random(0);
  const draw = (): Int32Array => Int32Array.from({ length: batch * context }, () => random.int(VOCABULARY));
  const [text, next] = [draw(), draw()];
  let steps = 0;
  let flops = 0;
  return {
    model,
    parameters: named.reduce((sum, [, { size }]) => sum + size, 0),
    tokens: batch * context,
    step: () => {
      const before = flopsSoFar();
      const loss = inScope(() => {
        const ids = fromTypedArray(text, [batch, context]);
        const targets = fromTypedArray(next, [batch * context]);
        const { logits, densityLoss } = model.forward(ids, { random: random.fork(steps) });
        const nll = nextTokenLoss(logits, targets); // scalar
        (densityLoss ? nll.add(densityLoss) : nll).backward();
        optimizer.step(1e-3);
        optimizer.zeroGrad();
        return nll.item();
      });
      // The first step also runs the model on two tokens, to find out what they cost.
      if (steps++ > 0) flops += flopsSoFar() - before;
      return loss;
    },
    flopsPerStep: () => flops / (steps - 1),
  };
}
