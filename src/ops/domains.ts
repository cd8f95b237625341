/** Domains that many ops share. */
import type { Tensor } from '../tensor/tensor.ts';
import type { Domain, ShapeChoice, ValueRange } from './domain.ts';

/** One tensor of any shape. */
export function anyTensor(range: ValueRange = {}, shape: ShapeChoice = {}): Domain<[x: Tensor]> {
  return (draw) => [draw.tensor(draw.shape(shape), range)];
}

/** Two tensors whose shapes broadcast, or a tensor and a number on either side. */
export function broadcastPair(
  first: ValueRange = {},
  second: ValueRange = first,
): Domain<[a: Tensor | number, b: Tensor | number]> {
  return (draw) => {
    const shape = draw.shape({ maxRank: 3 });
    const kind = draw.pick(['tensors', 'number right', 'number left']);
    const scalar = (range: ValueRange): number =>
      draw.pick([range.max ?? 2, ((range.min ?? -2) + (range.max ?? 2)) / 2 + 0.25]);
    if (kind === 'number right') return [draw.tensor(shape, first), scalar(second)];
    if (kind === 'number left') return [scalar(first), draw.tensor(shape, second)];
    const other = draw.broadcastable(shape);
    return draw.boolean()
      ? [draw.tensor(shape, first), draw.tensor(other, second)]
      : [draw.tensor(other, first), draw.tensor(shape, second)];
  };
}
