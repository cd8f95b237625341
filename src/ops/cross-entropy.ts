import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { requireOneFloat } from './as-floating.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';
import { type ClassOptions, logitsAndTargets, requireTargets } from './losses.ts';

export const crossEntropy: Op<[logits: Tensor, targets: Tensor, options?: ClassOptions]> = defineOp({
  name: 'crossEntropy',
  takes: 'logits: Tensor, targets: Tensor, options?: { ignoreIndex }',
  doc: 'Mean over rows of −log softmax(logits)[target], in nats; logits (N, V), targets (N) int32. NaN if no row counts.',
  parse: (logits: Tensor, targets: Tensor, { ignoreIndex = -100 }: ClassOptions = {}) => {
    requireTargets('crossEntropy', logits, targets, ignoreIndex);
    requireOneFloat('crossEntropy', { logits });
    return { inputs: [logits, targets], options: { ignoreIndex } };
  },
  shape: () => [],
  forward: ([logits, targets], { ignoreIndex }, shape) => {
    const out = emptyTensor(shape, logits.dtype, logits.device);
    logits.device.kernels.crossEntropy(compact(logits), compact(targets), ignoreIndex, out);
    return out;
  },
  backward: (g, { inputs: [logits, targets], options: { ignoreIndex } }) => {
    const dx = emptyTensor(logits.shape, logits.dtype, logits.device);
    if (dx.size === 0) return [dx, null];
    logits.device.kernels.crossEntropyBackward(
      compact(g),
      compact(logits),
      compact(targets),
      ignoreIndex,
      dx,
    );
    return [dx, null];
  },
  composite: ([logits, targets], options) => {
    // An ignored row has gradient 0 whatever stands in it: of −∞ alone, logSoftmax would make it NaN.
    const counted = targets.ne(options.ignoreIndex).unsqueeze(-1); // (N, 1)
    return counted.where(logits, 0).logSoftmax(-1).nllLoss(targets, options);
  },
  flops: ([logits]) => 5 * logits.size,
  backwardFlops: ([logits]) => 3 * logits.size,
  domain: logitsAndTargets,
});
