import { normalizeAxis } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

export const transpose: Op<[x: Tensor, axisA?: number, axisB?: number]> = defineComposite({
  name: 'transpose',
  takes: 'x: Tensor, axisA?: number, axisB?: number',
  doc: 'Swaps two axes (default: the last two). A view.',
  compute: (x, axisA = -2, axisB = -1) => {
    const a = normalizeAxis('transpose', axisA, x.shape);
    const b = normalizeAxis('transpose', axisB, x.shape);
    const order = x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
    return x.permute(order);
  },
  domain: (draw) => {
    const shape = draw.shape({ minRank: 2 });
    return [draw.tensor(shape), draw.integer(0, shape.length - 1), draw.integer(-shape.length, -1)];
  },
});
