import { OpError, shapeText } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';

/** A position, which removes its axis, or [start, end), which keeps it; [0] keeps the whole axis. */
export type Place = number | readonly [start: number, end?: number];

export const at: Op<[x: Tensor, ...places: Place[]]> = defineComposite({
  name: 'at',
  takes: 'x: Tensor, ...places: number | number[]',
  doc: 'Indexing, an entry per leading axis: a position, or [start, end] before which to stop. x.at(0, [1, 3]). A view.',
  compute: (x, ...places) => {
    if (places.length > x.rank) {
      throw new OpError(
        'at',
        `${places.length} places are too many for ${shapeText(x.shape)}, rank ${x.rank}`,
      );
    }
    // From the last axis on, so that those before it keep their numbers.
    return places.reduceRight<Tensor>(
      (y, place, axis) => (typeof place === 'number' ? y.select(axis, place) : y.slice(axis, ...place)),
      x,
    );
  },
  domain: (draw) => {
    const shape = draw.shape({ minExtent: 1 });
    const places = shape
      .slice(draw.integer(0, shape.length))
      .map(() => draw.pick<Place>([0, -1, [0], [0, 1], [-1]]));
    return [draw.tensor(shape), ...places];
  },
});
