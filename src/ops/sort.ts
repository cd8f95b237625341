import { normalizeAxis } from '../tensor/shape.ts';
import { signature } from '../tensor/signature.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { compact } from './compact.ts';
import { defineComposite, defineOp, notDifferentiable, type Op } from './define.ts';
import { tensorAndAxis } from './domains.ts';
import { gatherAlong } from './gather-along.ts';

export interface SortOptions {
  /** Largest first. Default false. */
  descending?: boolean;
}

/** A tensor in order, and where its elements stood. */
export interface Sorted {
  values: Tensor;
  /** int32 */
  indices: Tensor;
}

const sortTakes = 'x: Tensor, axis?: number, options?: { descending }';

export const argsort: Op<[x: Tensor, axis?: number, options?: SortOptions]> = defineOp({
  name: 'argsort',
  takes: sortTakes,
  doc: 'Where the elements stood that sorting puts in order along one axis (default: the last), int32; stable, NaN is largest.',
  parse: (x: Tensor, axis = -1, { descending = false }: SortOptions = {}) => ({
    inputs: [x.detach()],
    options: { along: normalizeAxis('argsort', axis, x.shape), descending },
  }),
  shape: ([x]) => x.shape,
  forward: ([x], { along, descending }) => {
    const rows = compact(x.transpose(along, -1));
    const values = emptyTensor(rows.shape, x.dtype, x.device);
    const indices = emptyTensor(rows.shape, 'int32', x.device);
    if (rows.size > 0) x.device.kernels.sort(rows, descending, values, indices);
    return indices.transpose(along, -1);
  },
  backward: notDifferentiable('a position is a whole number'),
  flops: ([x], { along }) => x.size * Math.ceil(Math.log2(Math.max(x.shape[along], 1))),
  domain: tensorAndAxis(),
});

const checkSort = signature('sort', sortTakes);

/** The values in order along one axis (default: the last) and their positions; stable; NaN counts as largest. */
export function sort(x: Tensor, axis = -1, options: SortOptions = {}): Sorted {
  checkSort([x, axis, options]);
  const indices = argsort(x, axis, options);
  return { values: gatherAlong(x, axis, indices), indices };
}

export const sortValues: Op<[x: Tensor, axis?: number, options?: SortOptions]> = defineComposite({
  name: 'sortValues',
  takes: sortTakes,
  doc: 'The values in order along one axis (default: the last); `sort` gives their positions too.',
  compute: (x, axis, options) => sort(x, axis, options).values,
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3, maxExtent: 3 });
    const axis = draw.integer(-shape.length, shape.length - 1);
    return [draw.tensor(shape, { distinct: true }), axis, { descending: draw.boolean() }];
  },
});
