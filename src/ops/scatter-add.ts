import { normalizeAxis } from '../tensor/shape.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { asRows, compact } from './compact.ts';
import { defineComposite, defineOp, type Op } from './define.ts';
import { checkGather } from './gather.ts';

export const scatterAdd: Op<[x: Tensor, axis: number, index: Tensor, source: Tensor]> = defineComposite({
  name: 'scatterAdd',
  doc: 'x with source[…, j, …] added at […, index[…, j, …], …] along one axis; repeats add up, in order.',
  compute: (x, axis, index, source) => {
    const along = normalizeAxis('scatterAdd', axis, x.rank);
    checkGather('scatterAdd', x, index, along);
    const moved = lastScatterAdd(
      x.transpose(along, -1),
      index.transpose(along, -1),
      source.transpose(along, -1),
    );
    return moved.transpose(along, -1);
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3, minExtent: 1 });
    const axis = draw.integer(0, shape.length - 1);
    const picked = shape.with(axis, draw.integer(0, 4));
    return [draw.tensor(shape), axis, draw.indices(picked, shape[axis]), draw.tensor(picked)];
  },
});

/** Along the last axis, over the kernel. */
const lastScatterAdd: Op<[x: Tensor, index: Tensor, source: Tensor]> = defineOp({
  name: 'scatterAdd',
  doc: 'Sums sent to places along the last axis.',
  parse: (x: Tensor, index: Tensor, source: Tensor) => ({ inputs: [x, index, source], options: {} }),
  shape: ([x]) => x.shape,
  forward: ([x, index, source], _, shape) => {
    if (source.size === 0) return compact(x).reshape(shape);
    const out = emptyTensor(shape, x.dtype, x.device);
    x.device.kernels.scatterAdd(asRows(x), asRows(index), asRows(source), asRows(out));
    return out;
  },
  backward: (g, { inputs: [, index] }) => [g, null, g.gather(-1, index)],
  saves: [1],
  flops: ([, , source]) => source.size,
  domain: (draw) => [draw.tensor([2, 3]), draw.indices([2, 2], 3), draw.tensor([2, 2])],
});
