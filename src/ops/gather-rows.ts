import { OpError, shapeText } from '../tensor/errors.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { checkIndices } from './check-indices.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export const gatherRows: Op<[x: Tensor, index: Tensor]> = defineOp({
  name: 'gatherRows',
  takes: 'x: Tensor, index: Tensor',
  doc: 'Row i of the result (N, D) is x[index[i]], for x (R, D) and index (N) int32; a negative index gives zeros (padding).',
  parse: (x: Tensor, index: Tensor) => {
    if (x.rank !== 2 || index.rank !== 1 || index.dtype !== 'int32') {
      throw new OpError(
        'gatherRows',
        `takes x (R, D) and index (N) int32, not ${shapeText(x.shape)} and ${index.dtype} ${shapeText(index.shape)}`,
      );
    }
    checkIndices('gatherRows', index, x.shape[0], () => `axis 0 of x ${shapeText(x.shape)}`, {
      padding: true,
    });
    return { inputs: [x, index], options: {} };
  },
  shape: ([x, index]) => [index.shape[0], x.shape[1]],
  forward: ([x, index], _, shape) => {
    const out = emptyTensor(shape, x.dtype, x.device);
    if (out.size > 0) x.device.kernels.gatherRows(compact(x), compact(index), out);
    return out;
  },
  backward: (g, { inputs: [, index], shapes: [shape] }) => [g.scatterAddRows(index, shape[0]), null],
  saves: [1],
  flops: () => 0,
  domain: (draw) => {
    const [r, d, n] = [draw.integer(1, 4), draw.integer(0, 3), draw.integer(0, 5)];
    return [draw.tensor([r, d]), draw.indices([n], r)];
  },
});
