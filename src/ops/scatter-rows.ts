import { OpError, shapeText } from '../tensor/errors.ts';
import { emptyTensor, type Tensor, zerosTensor } from '../tensor/tensor.ts';
import { checkIndices } from './check-indices.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export const scatterRows: Op<[base: Tensor, index: Tensor, rows: Tensor]> = defineOp({
  name: 'scatterRows',
  takes: 'base: Tensor, index: Tensor, rows: Tensor',
  doc: 'base (R, D) with row index[i] replaced by rows[i] (N, D); indices must differ, negative ones are passed over.',
  parse: (base: Tensor, index: Tensor, rows: Tensor) => {
    if (
      base.rank !== 2 ||
      rows.rank !== 2 ||
      index.rank !== 1 ||
      base.shape[1] !== rows.shape[1] ||
      index.shape[0] !== rows.shape[0] ||
      index.dtype !== 'int32' ||
      base.dtype !== rows.dtype
    ) {
      throw new OpError(
        'scatterRows',
        `takes base (R, D), index (N) int32, rows (N, D) of base's type, not ${[base, index, rows].map((x) => `${x.dtype} ${shapeText(x.shape)}`).join(', ')}`,
      );
    }
    checkIndices('scatterRows', index, base.shape[0], () => `axis 0 of base ${shapeText(base.shape)}`, {
      padding: true,
    });
    return { inputs: [base, index, rows], options: {} };
  },
  shape: ([base]) => base.shape,
  forward: ([base, index, rows], _, shape) => {
    const out = emptyTensor(shape, base.dtype, base.device);
    if (out.size > 0) base.device.kernels.scatterRows(compact(base), compact(index), compact(rows), out);
    return out;
  },
  backward: (g, { inputs: [, index], shapes: [, , rows] }) => [
    g.scatterRows(index, zerosTensor(rows, g.dtype, g.device)),
    null,
    g.gatherRows(index).reshape(rows),
  ],
  saves: [1],
  flops: () => 0,
  domain: (draw) => {
    const [r, d] = [draw.integer(1, 5), draw.integer(0, 3)];
    const n = draw.integer(0, r);
    return [draw.tensor([r, d]), draw.order(r).slice(0, 0, n), draw.tensor([n, d])];
  },
});
