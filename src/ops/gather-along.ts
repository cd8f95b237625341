/** Picking and sending along one axis, with indices that are known to stand inside. */
import { normalizeAxis } from '../tensor/shape.ts';
import { emptyTensor, type Tensor, zerosTensor } from '../tensor/tensor.ts';
import { asRows, compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export function gatherAlong(x: Tensor, axis: number, index: Tensor): Tensor {
  const along = normalizeAxis('gather', axis, x.shape);
  return lastGather(x.transpose(along, -1), index.transpose(along, -1)).transpose(along, -1);
}

export function scatterAddAlong(x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  const along = normalizeAxis('scatterAdd', axis, x.shape);
  const [base, places, sums] = [x, index, source].map((part) => part.transpose(along, -1));
  return lastScatterAdd(base, places, sums).transpose(along, -1);
}

const lastGather: Op<[x: Tensor, index: Tensor]> = defineOp({
  name: 'gather',
  doc: 'Elements picked along the last axis.',
  parse: (x: Tensor, index: Tensor) => ({ inputs: [x, index], options: {} }),
  shape: ([, index]) => index.shape,
  forward: ([x, index], _, shape) => {
    const out = emptyTensor(shape, x.dtype, x.device);
    if (out.size > 0) x.device.kernels.gather(asRows(x), asRows(index), asRows(out));
    return out;
  },
  backward: (g, { inputs: [, index], shapes: [shape] }) => [
    lastScatterAdd(zerosTensor(shape, g.dtype, g.device), index, g),
    null,
  ],
  saves: [1],
  flops: () => 0,
  domain: (draw) => [draw.tensor([2, 3]), draw.indices([2, 2], 3)],
});

const lastScatterAdd: Op<[x: Tensor, index: Tensor, source: Tensor]> = defineOp({
  name: 'scatterAdd',
  doc: 'Sums sent to places along the last axis.',
  parse: (x: Tensor, index: Tensor, source: Tensor) => ({ inputs: [x, index, source], options: {} }),
  shape: ([x]) => x.shape,
  forward: ([x, index, source], _, shape) => {
    if (source.size === 0) return compact(x).detach();
    const out = emptyTensor(shape, x.dtype, x.device);
    x.device.kernels.scatterAdd(asRows(x), asRows(index), asRows(source), asRows(out));
    return out;
  },
  backward: (g, { inputs: [, index] }) => [g, null, lastGather(g, index)],
  saves: [1],
  flops: ([, , source]) => source.size,
  domain: (draw) => [draw.tensor([2, 3]), draw.indices([2, 2], 3), draw.tensor([2, 2])],
});
