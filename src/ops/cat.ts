import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { emptyTensor, Tensor } from '../tensor/tensor.ts';
import { compact } from './compact.ts';
import { defineOp, type Op } from './define.ts';

export const cat: Op<[tensors: readonly Tensor[], axis?: number]> = defineOp({
  name: 'cat',
  takes: 'tensors: Tensor[], axis?: number',
  doc: 'Tensors joined along an axis (default 0) that they have; their other axes and their types agree.',
  parse: (tensors: readonly Tensor[], axis = 0) => {
    if (tensors.length === 0) throw new OpError('cat', 'needs at least one tensor');
    const [first] = tensors;
    const along = normalizeAxis('cat', axis, first.shape);
    tensors.forEach((x, i) => {
      const fits =
        x.rank === first.rank && x.shape.every((extent, a) => a === along || extent === first.shape[a]);
      if (fits && x.dtype === first.dtype) return;
      throw new OpError(
        'cat',
        `tensor ${i} is ${x.dtype} ${shapeText(x.shape)}, which does not join ${first.dtype} ` +
          `${shapeText(first.shape)} along axis ${axis}: types and all other axes must agree`,
        x.dtype === first.dtype ? '' : `tensors[${i}].to('${first.dtype}')`,
      );
    });
    return { inputs: tensors, options: { along } };
  },
  shape: (tensors, { along }) =>
    tensors[0].shape.with(
      along,
      tensors.reduce((sum, x) => sum + x.shape[along], 0),
    ),
  forward: (tensors, { along }, shape) => {
    const out = emptyTensor(shape, tensors[0].dtype, tensors[0].device);
    let start = 0;
    for (const x of tensors) {
      const place = new Tensor(out.storage, x.shape, out.strides, start * out.strides[along]);
      if (x.size > 0) out.device.kernels.copyInto(compact(x), place);
      start += x.shape[along];
    }
    return out;
  },
  backward: (g, { shapes, wanted, options: { along } }) => {
    let end = 0;
    return shapes.map((shape, i) => {
      const start = end;
      end += shape[along];
      return wanted[i] ? g.slice(along, start, end) : null;
    });
  },
  saves: [],
  flops: () => 0,
  domain: (draw) => {
    const shape = draw.shape({ minRank: 1, maxRank: 3 });
    const axis = draw.integer(0, shape.length - 1);
    const count = draw.integer(1, 3);
    const tensors = Array.from({ length: count }, () => draw.tensor(shape.with(axis, draw.integer(0, 3))));
    return [tensors, axis];
  },
});
