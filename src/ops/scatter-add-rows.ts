import { OpError, shapeText } from '../tensor/errors.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { checkIndices } from './check-indices.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export const scatterAddRows: Op<[rows: Tensor, index: Tensor, count: number]> = defineOp({
  name: 'scatterAddRows',
  takes: 'rows: Tensor, index: Tensor, count: number',
  doc: 'Sums of the rows (N, D) sent to each of `count` places by index (N): (count, D). Negative indices are passed over.',
  parse: (rows: Tensor, index: Tensor, count: number) => {
    if (rows.rank !== 2 || index.rank !== 1 || index.shape[0] !== rows.shape[0] || index.dtype !== 'int32') {
      throw new OpError(
        'scatterAddRows',
        `takes rows (N, D) and index (N) int32, not ${shapeText(rows.shape)} and ${index.dtype} ${shapeText(index.shape)}`,
      );
    }
    if (!Number.isInteger(count) || count < 0) {
      throw new OpError('scatterAddRows', `count ${count} must be a whole number from 0 up`);
    }
    checkIndices('scatterAddRows', index, count, () => `the ${count} places`, { padding: true });
    return { inputs: [rows, index], options: { count } };
  },
  shape: ([rows], { count }) => [count, rows.shape[1]],
  forward: ([rows, index], _, shape) => {
    const out = emptyTensor(shape, rows.dtype, rows.device);
    if (out.size > 0) rows.device.kernels.scatterAddRows(compact(index), compact(rows), out);
    return out;
  },
  backward: (g, { inputs: [, index] }) => [g.gatherRows(index), null],
  saves: [1],
  flops: ([rows]) => rows.size,
  domain: (draw) => {
    const [r, d, n] = [draw.integer(1, 4), draw.integer(0, 3), draw.integer(0, 5)];
    return [draw.tensor([n, d]), draw.indices([n], r), r];
  },
});
