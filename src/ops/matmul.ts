import { OpError, shapeText } from '../tensor/errors.ts';
import { broadcastShapes, broadcastStrides, sameShape, sizeOf } from '../tensor/shape.ts';
import { emptyTensor, Tensor, zerosTensor } from '../tensor/tensor.ts';
import { requireOneFloat } from './as-floating.ts';
import { defineComposite, defineOp, type Op } from './define.ts';
import { unbroadcast } from './unbroadcast.ts';

export const matmul: Op<[a: Tensor, b: Tensor]> = defineComposite({
  name: 'matmul',
  takes: 'a: Tensor, b: Tensor',
  doc: 'Matrix product (…, M, K) · (…, K, N); leading axes broadcast; a vector counts as a row on the left, a column on the right.',
  compute: (a, b) => {
    checkInner(a, b);
    requireOneFloat('matmul', { a, b });
    if (a.rank === 1) return b.rank === 1 ? a.mul(b).sum() : matmul(a.unsqueeze(0), b).squeeze(-2);
    if (b.rank === 1) return matmul(a, b.unsqueeze(1)).squeeze(-1);
    if (b.rank > 2 || a.rank === 2) return batchedMatmul(a, b);
    // One matrix on the right of many: one tall product, whose gradient for b needs no sum over the batch.
    const [k, n] = b.shape;
    const rows = a.reshape([sizeOf(a.shape.slice(0, -1)), k]);
    return batchedMatmul(rows, b).reshape([...a.shape.slice(0, -1), n]);
  },
  domain: (draw) => {
    const [m, k, n] = [draw.integer(0, 3), draw.integer(0, 3), draw.integer(0, 3)];
    const batch = draw.shape({ maxRank: 2, maxExtent: 3 });
    const form = draw.pick(['batched', 'matrix right', 'vector left', 'vector right', 'vectors']);
    if (form === 'vectors') return [draw.tensor([k]), draw.tensor([k])];
    if (form === 'vector left') return [draw.tensor([k]), draw.tensor([...batch, k, n])];
    if (form === 'vector right') return [draw.tensor([...batch, m, k]), draw.tensor([k])];
    const other = form === 'batched' ? draw.broadcastable(batch) : [];
    return [draw.tensor([...batch, m, k]), draw.tensor([...other, k, n])];
  },
});

/** The product over the kernel: both of rank 2 and up. */
const batchedMatmul: Op<[a: Tensor, b: Tensor]> = defineOp({
  name: 'matmul',
  doc: 'Matrix product of matrices.',
  parse: (a: Tensor, b: Tensor) => {
    const batch = broadcastShapes(
      'matmul',
      [a.shape.slice(0, -2), b.shape.slice(0, -2)],
      () => `, the batch axes of a ${shapeText(a.shape)} · b ${shapeText(b.shape)},`,
    );
    return { inputs: [a, b], options: { batch } };
  },
  shape: ([a, b], { batch }) => [...batch, a.shape[a.rank - 2], b.shape[b.rank - 1]],
  forward: ([a, b], { batch }, shape) => {
    if (a.shape[a.rank - 1] === 0) return zerosTensor(shape, a.dtype, a.device);
    const out = emptyTensor(shape, a.dtype, a.device);
    if (out.size > 0) a.device.kernels.matmul(stretched(a, batch), stretched(b, batch), null, out);
    return out;
  },
  backward: (g, { inputs: [a, b], shapes, wanted }) => [
    wanted[0] ? unbroadcast(batchedMatmul(g, b.transpose()), shapes[0]) : null,
    wanted[1] ? unbroadcast(batchedMatmul(a.transpose(), g), shapes[1]) : null,
  ],
  flops: ([a], _, shape) => 2 * a.shape[a.rank - 1] * sizeOf(shape),
  domain: (draw) => [draw.tensor([2, draw.integer(0, 3)]), draw.tensor([0, 3])],
});

/** The operand with its batch axes stretched to the common batch. */
function stretched(x: Tensor, batch: readonly number[]): Tensor {
  const shape = [...batch, ...x.shape.slice(-2)];
  if (sameShape(shape, x.shape)) return x;
  return new Tensor(x.storage, shape, broadcastStrides(x.shape, x.strides, shape), x.offset);
}

function checkInner(a: Tensor, b: Tensor): void {
  if (a.rank === 0 || b.rank === 0) {
    throw new OpError(
      'matmul',
      `a ${shapeText(a.shape)} · b ${shapeText(b.shape)}: a scalar has no matrix product`,
      'a.mul(b)',
    );
  }
  const axisA = a.rank - 1;
  const axisB = Math.max(b.rank - 2, 0);
  if (a.shape[axisA] === b.shape[axisB]) return;
  const remedy =
    b.rank >= 2 && b.shape[b.rank - 1] === a.shape[axisA]
      ? 'b.transpose()'
      : a.rank >= 2 && a.shape[a.rank - 2] === b.shape[axisB]
        ? 'a.transpose()'
        : '';
  throw new OpError(
    'matmul',
    `a ${shapeText(a.shape)} · b ${shapeText(b.shape)}: inner sizes differ ` +
      `(a axis ${axisA} is ${a.shape[axisA]}, b axis ${axisB} is ${b.shape[axisB]})`,
    remedy,
  );
}
