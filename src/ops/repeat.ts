import { OpError, shapeText } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

export const repeat: Op<[x: Tensor, counts: readonly number[]]> = defineComposite({
  name: 'repeat',
  takes: 'x: Tensor, counts: number[]',
  doc: 'x laid side by side counts[i] times along axis i; more counts than axes add leading axes. A copy.',
  compute: (x, counts) => {
    if (counts.length < x.rank || counts.some((count) => !Number.isInteger(count) || count < 0)) {
      throw new OpError(
        'repeat',
        `[${counts.join(', ')}] must be whole numbers from 0 up, one for each axis of ${shapeText(x.shape)}`,
      );
    }
    const shape = [...new Array<number>(counts.length - x.rank).fill(1), ...x.shape];
    return x
      .reshape(shape.flatMap((extent) => [1, extent]))
      .expand(shape.flatMap((extent, axis) => [counts[axis], extent]))
      .reshape(shape.map((extent, axis) => counts[axis] * extent));
  },
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 2, maxExtent: 3 });
    const lead = draw.boolean() ? [draw.integer(0, 2)] : [];
    return [draw.tensor(shape), [...lead, ...shape.map(() => draw.integer(0, 2))]];
  },
});
