import { OpError, shapeText } from '../tensor/errors.ts';
import { sizeOf } from '../tensor/shape.ts';
import { emptyTensor, Tensor, zerosTensor } from '../tensor/tensor.ts';
import { requireOneFloat } from './as-floating.ts';
import { asRows, compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export const linear: Op<[x: Tensor, weight: Tensor, bias?: Tensor]> = defineOp({
  name: 'linear',
  takes: 'x: Tensor, weight: Tensor, bias?: Tensor',
  doc: 'x Wᵀ + b: x (…, dIn), weight (dOut, dIn), bias (dOut), as in PyTorch: (…, dOut).',
  parse: (x: Tensor, weight: Tensor, bias?: Tensor) => {
    checkShapes(x, weight, bias);
    requireOneFloat('linear', bias ? { x, weight, bias } : { x, weight });
    return { inputs: bias ? [x, weight, bias] : [x, weight], options: {} };
  },
  shape: ([x, weight]) => [...x.shape.slice(0, -1), weight.shape[0]],
  forward: ([x, weight, bias], _, shape) => {
    const out = emptyTensor(shape, x.dtype, x.device);
    if (out.size === 0) return out;
    if (weight.shape[1] === 0)
      return bias ? bias.expand(shape).contiguous() : zerosTensor(shape, x.dtype, x.device);
    // Wᵀ as a view below the tape: nothing is recorded for it.
    const turned = new Tensor(
      weight.storage,
      weight.shape.toReversed(),
      weight.strides.toReversed(),
      weight.offset,
    );
    x.device.kernels.matmul(asRows(x), turned, bias ? compact(bias) : null, asRows(out));
    return out;
  },
  backward: (g, { inputs: [x, weight], shapes, wanted }) => {
    const [dOut, dIn] = shapes[1];
    const rows = g.reshape([sizeOf(shapes[0].slice(0, -1)), dOut]); // (N, dOut)
    return [
      wanted[0] ? rows.matmul(weight).reshape(shapes[0]) : null, // dx = g W
      wanted[1] ? rows.transpose().matmul(x.reshape([rows.shape[0], dIn])) : null, // dW = gᵀ x
      wanted[2] ? rows.sum(0) : null,
    ].slice(0, shapes.length);
  },
  flops: ([, weight, bias], _, shape) => (2 * weight.shape[1] + (bias ? 1 : 0)) * sizeOf(shape),
  domain: (draw) => {
    // Empty axes now and then only: behind one, a graph of ops has nothing left to get wrong.
    const least = draw.pick([0, 1, 1, 1, 1]);
    const [dIn, dOut] = [draw.integer(least, 3), draw.integer(least, 3)];
    const x = draw.tensor([...draw.shape({ maxRank: 2, minExtent: least, maxExtent: 3 }), dIn]);
    const weight = draw.tensor([dOut, dIn]);
    return draw.boolean() ? [x, weight, draw.tensor([dOut])] : [x, weight];
  },
});

function checkShapes(x: Tensor, weight: Tensor, bias?: Tensor): void {
  const shapes = (): string =>
    `x ${shapeText(x.shape)}, weight ${shapeText(weight.shape)}${bias ? `, bias ${shapeText(bias.shape)}` : ''}`;
  if (weight.rank !== 2 || x.rank === 0) {
    throw new OpError('linear', `takes x (…, dIn) and weight (dOut, dIn), not ${shapes()}`);
  }
  const last = x.rank - 1;
  if (x.shape[last] !== weight.shape[1]) {
    throw new OpError(
      'linear',
      `${shapes()}: inner sizes differ (x axis ${last} is ${x.shape[last]}, weight axis 1 is ${weight.shape[1]})`,
      x.shape[last] === weight.shape[0] ? 'weight.transpose()' : '',
    );
  }
  if (bias && (bias.rank !== 1 || bias.shape[0] !== weight.shape[0])) {
    throw new OpError(
      'linear',
      `${shapes()}: bias must be (${weight.shape[0]}), a number for each row of weight`,
    );
  }
}
