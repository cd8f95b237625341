import { OpError, shapeText } from '../tensor/errors.ts';
import { emptyTensor, type Tensor, zerosTensor } from '../tensor/tensor.ts';
import { requireOneFloat } from './as-floating.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export const layerNorm: Op<[x: Tensor, weight: Tensor, bias: Tensor, epsilon?: number]> = defineOp({
  name: 'layerNorm',
  takes: 'x: Tensor, weight: Tensor, bias: Tensor, epsilon?: number',
  doc: '(x − mean) / √(variance + ε) · weight + bias over the last axis (…, D); weight and bias (D), ε 1e-5.',
  parse: (x: Tensor, weight: Tensor, bias: Tensor, epsilon = 1e-5) => {
    const d = x.shape[x.rank - 1];
    for (const [name, p] of [
      ['weight', weight],
      ['bias', bias],
    ] as const) {
      if (p.rank !== 1 || p.shape[0] !== d) {
        throw new OpError(
          'layerNorm',
          `${name} ${shapeText(p.shape)} must be (${d ?? 'D'}), like the last axis of x ${shapeText(x.shape)}`,
        );
      }
    }
    requireOneFloat('layerNorm', { x, weight, bias });
    return { inputs: [x, weight, bias], options: { epsilon } };
  },
  shape: ([x]) => x.shape,
  forward: ([x, weight, bias], { epsilon }, shape) => {
    const out = emptyTensor(shape, x.dtype, x.device);
    if (out.size === 0) return out;
    x.device.kernels.layerNorm(compact(x), compact(weight), compact(bias), epsilon, out);
    return out;
  },
  backward: (g, { inputs: [x, weight], options: { epsilon } }) => {
    const dx = emptyTensor(x.shape, x.dtype, x.device);
    if (x.size === 0) {
      const zeros = zerosTensor(weight.shape, x.dtype, x.device);
      return [dx, zeros, zeros];
    }
    const dWeight = emptyTensor(weight.shape, x.dtype, x.device);
    const dBias = emptyTensor(weight.shape, x.dtype, x.device);
    x.device.kernels.layerNormBackward(compact(g), compact(x), compact(weight), epsilon, dx, dWeight, dBias);
    return [dx, dWeight, dBias];
  },
  composite: ([x, weight, bias], { epsilon }) => {
    const centred = x.sub(x.mean(-1, { keepDim: true }));
    const variance = centred.square().mean(-1, { keepDim: true });
    return centred.div(variance.add(epsilon).sqrt()).mul(weight).add(bias);
  },
  flops: ([x]) => 8 * x.size,
  backwardFlops: ([x]) => 14 * x.size,
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1 });
    const d = [shape[shape.length - 1]];
    // With the usual ε of 1e-5 a nearly constant row bends too sharply for finite differences.
    return [draw.tensor(shape), draw.tensor(d), draw.tensor(d), draw.pick([0.1, 0.5])];
  },
});
