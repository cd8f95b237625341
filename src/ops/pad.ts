import { full } from '../tensor/create.ts';
import { OpError, shapeText } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { cat } from './cat.ts';
import { defineComposite, type Op } from './define.ts';

export const pad: Op<
  [x: Tensor, widths: readonly (readonly [before: number, after: number])[], value?: number]
> = defineComposite({
  name: 'pad',
  takes: 'x: Tensor, widths: number[][], value?: number',
  doc: 'x with so many elements of a value (default 0) before and after it: a pair of widths per axis.',
  compute: (x, widths, value = 0) => {
    if (widths.length !== x.rank || widths.flat().some((width) => !Number.isInteger(width) || width < 0)) {
      throw new OpError(
        'pad',
        `${JSON.stringify(widths)} must be [before, after] in whole numbers from 0 up for each of the ${x.rank} axes of ` +
          shapeText(x.shape),
      );
    }
    return widths.reduce((padded, [before, after], axis) => {
      if (before + after === 0) return padded;
      const margin = (width: number): Tensor =>
        full(padded.shape.with(axis, width), value, { dtype: x.dtype, device: x.device });
      return cat([margin(before), padded, margin(after)], axis);
    }, x);
  },
  domain: (draw) => {
    const shape = draw.shape({ maxRank: 3, maxExtent: 3 });
    const widths = shape.map(() => [draw.integer(0, 2), draw.integer(0, 2)] as const);
    return [draw.tensor(shape), widths, draw.pick([0, 1.5])];
  },
});
