/** argmax and argmin, which differ in nothing but the comparison. */
import { OpError, shapeText } from '../tensor/errors.ts';
import { normalizeAxis } from '../tensor/shape.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { compact } from './compact.ts';
import { notDifferentiable, type OpDefinition } from './define.ts';
import { keptShape, type ReduceOptions, reducedShape } from './reduction.ts';

interface ArgOptions {
  /** Null for all: the tensor in reading order. */
  along: number | null;
  keepDim: boolean;
}

export function argExtremum(
  kind: 'max' | 'min',
  doc: string,
): OpDefinition<[x: Tensor, axis?: number, options?: ReduceOptions], ArgOptions> {
  const name = `arg${kind}`;
  return {
    name,
    doc,
    parse: (x: Tensor, axis?: number, { keepDim = false }: ReduceOptions = {}) => {
      const along = axis === undefined ? null : normalizeAxis(name, axis, x.rank);
      if (along === null ? x.size === 0 : x.shape[along] === 0) {
        const place = along === null ? shapeText(x.shape) : `axis ${along} of ${shapeText(x.shape)}`;
        throw new OpError(name, `${place} is empty, and nothing has no ${kind}imum`);
      }
      return { inputs: [x.detach()], options: { along, keepDim } };
    },
    shape: ([x], { along, keepDim }) =>
      reducedShape(x.shape, { axes: along === null ? x.shape.map((_, axis) => axis) : [along], keepDim }),
    forward: ([x], { along }, shape) => {
      const rows = along === null ? x.reshape([x.size]) : x.transpose(along, -1);
      const out = emptyTensor(keptShape(rows.shape, [rows.rank - 1]), 'int32', x.device);
      if (out.size > 0) x.device.kernels.argReduce(kind, compact(rows), out);
      return (along === null ? out : out.transpose(along, -1)).reshape(shape);
    },
    backward: notDifferentiable('a position is a whole number'),
    flops: ([x]) => x.size,
    domain: (draw) => {
      const shape = draw.shape({ minExtent: 1, maxRank: 3 });
      const axis = shape.length > 0 && draw.boolean() ? draw.integer(0, shape.length - 1) : undefined;
      return [draw.tensor(shape, { distinct: true }), axis, { keepDim: draw.boolean() }];
    },
  };
}
