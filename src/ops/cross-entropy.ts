import { OpError, shapeText } from '../tensor/errors.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export interface CrossEntropyOptions {
  /** Rows with this target do not count. Default −100, as in PyTorch. */
  ignoreIndex?: number;
}

export const crossEntropy: Op<[logits: Tensor, targets: Tensor, options?: CrossEntropyOptions]> = defineOp({
  name: 'crossEntropy',
  doc: 'Mean over rows of −log softmax(logits)[target], in nats; logits (N, V), targets (N) int32. NaN if no row counts.',
  parse: (logits: Tensor, targets: Tensor, { ignoreIndex = -100 }: CrossEntropyOptions = {}) => {
    if (logits.rank !== 2 || targets.rank !== 1 || logits.shape[0] !== targets.shape[0]) {
      throw new OpError(
        'crossEntropy',
        `takes logits (N, V) and targets (N), not ${shapeText(logits.shape)} and ${shapeText(targets.shape)}`,
        logits.rank > 2 ? 'logits.reshape([-1, V]) with targets.reshape([-1])' : '',
      );
    }
    if (targets.dtype !== 'int32')
      throw new OpError('crossEntropy', `targets must be int32 class indices, not ${targets.dtype}`);
    return { inputs: [logits, targets], options: { ignoreIndex } };
  },
  shape: () => [],
  forward: ([logits, targets], { ignoreIndex }, shape, save) => {
    const out = emptyTensor(shape, logits.dtype, logits.device);
    const logSumExp = emptyTensor([logits.shape[0]], logits.dtype, logits.device);
    save(logSumExp);
    logits.device.kernels.crossEntropy(compact(logits), compact(targets), ignoreIndex, out, logSumExp);
    return out;
  },
  backward: (g, { inputs: [logits, targets], extras: [logSumExp], options: { ignoreIndex } }) => {
    const dx = emptyTensor(logits.shape, logits.dtype, logits.device);
    if (dx.size === 0) return [dx, null];
    logits.device.kernels.crossEntropyBackward(
      compact(g),
      compact(logits),
      compact(targets),
      logSumExp,
      ignoreIndex,
      dx,
    );
    return [dx, null];
  },
  composite: ([logits, targets], { ignoreIndex }) => {
    const counted = targets.equal(ignoreIndex).equal(0);
    const picked = logits.logSoftmax(-1).gather(-1, counted.where(targets, 0).unsqueeze(-1)).squeeze(-1);
    return counted.where(picked, 0).sum().neg().div(counted.sum());
  },
  flops: ([logits]) => 5 * logits.size,
  backwardFlops: ([logits]) => 3 * logits.size,
  domain: (draw) => {
    const [n, v] = [draw.integer(1, 4), draw.integer(1, 4)];
    const targets = draw.indices([n], v);
    // The first row always counts: the mean over nothing is NaN.
    const [first, ...others] = targets.toTypedArray() as Int32Array;
    const ignorable = others.filter((target) => target !== first);
    return [draw.tensor([n, v]), targets, { ignoreIndex: draw.pick([-100, ...ignorable]) }];
  },
});
