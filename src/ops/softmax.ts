import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { alongLast } from './along-last.ts';
import { asFloating } from './as-floating.ts';
import { compact } from './compact.ts';
import { defineComposite, defineOp, type Op } from './define.ts';
import { tensorAndAxis } from './domains.ts';

export const softmax: Op<[x: Tensor, axis?: number]> = defineComposite({
  name: 'softmax',
  takes: 'x: Tensor, axis?: number',
  doc: 'e^x / Σ e^x along one axis (default: the last), shifted by the maximum so that nothing overflows.',
  compute: (x, axis = -1) => alongLast('softmax', asFloating(x), axis, (moved) => lastSoftmax(moved, false)),
  domain: tensorAndAxis(),
});

export const logSoftmax: Op<[x: Tensor, axis?: number]> = defineComposite({
  name: 'logSoftmax',
  takes: 'x: Tensor, axis?: number',
  doc: 'x − log Σ e^x along one axis (default: the last): the logarithm of softmax, without its rounding to 0.',
  compute: (x, axis = -1) =>
    alongLast('logSoftmax', asFloating(x), axis, (moved) => lastSoftmax(moved, true)),
  domain: tensorAndAxis(),
});

/** The fused kernel along the last axis. */
const lastSoftmax: Op<[x: Tensor, log: boolean]> = defineOp({
  name: 'softmax',
  doc: 'Softmax, or its logarithm, along the last axis.',
  parse: (x: Tensor, log: boolean) => ({ inputs: [x], options: { log } }),
  shape: ([x]) => x.shape,
  forward: ([x], { log }, shape) => {
    const out = emptyTensor(shape, x.dtype, x.device);
    if (out.size > 0) x.device.kernels.softmax(compact(x), log, out);
    return out;
  },
  backward: (g, { output, options: { log } }) => {
    const dx = emptyTensor(g.shape, g.dtype, g.device);
    if (dx.size > 0) g.device.kernels.softmaxBackward(compact(g), output, log, dx);
    return [dx];
  },
  saves: ['output'],
  composite: ([x], { log }) => {
    if (x.size === 0) return x.exp();
    const shifted = x.sub(x.max(-1, { keepDim: true }).detach());
    const sum = shifted.exp().sum(-1, { keepDim: true });
    return log ? shifted.sub(sum.log()) : shifted.exp().div(sum);
  },
  flops: ([x]) => 5 * x.size,
  backwardFlops: ([x]) => 4 * x.size,
  domain: (draw) => [draw.tensor(draw.shape({ minRank: 1 })), draw.boolean()],
});
