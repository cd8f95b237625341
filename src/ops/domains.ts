/** Domains that many ops share. */
import { Random } from '../tensor/random.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Domain, ShapeChoice, ValueRange } from './domain.ts';
import type { ReductionArgs } from './reduction.ts';

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

/** As broadcastPair, with no element of a near one of b: for ops with kinks at ties. */
export const distinctPair: Domain<[a: Tensor | number, b: Tensor | number]> = (draw) => {
  const shape = draw.shape({ maxRank: 2 });
  if (draw.boolean()) {
    const x = draw.tensor(shape, { avoid: [0.5] });
    return draw.boolean() ? [x, 0.5] : [0.5, x];
  }
  const other = draw.broadcastable(shape);
  const [n, m] = [sizeOf(shape), sizeOf(other)];
  const both = draw.tensor([n + m], { distinct: true });
  return [both.slice(0, 0, n).reshape(shape), both.slice(0, n).reshape(other)];
};

/** Two bool tensors whose shapes broadcast. */
export const maskPair: Domain<[a: Tensor, b: Tensor]> = (draw) => {
  const shape = draw.shape({ maxRank: 3 });
  return [draw.mask(shape), draw.mask(draw.broadcastable(shape))];
};

/** A tensor and one of its axes, counted from either end. */
export function tensorAndAxis(
  range: ValueRange = {},
  shape: ShapeChoice = {},
): Domain<[x: Tensor, axis?: number]> {
  return (draw) => {
    const extents = draw.shape({ minRank: 1, ...shape });
    return [draw.tensor(extents, range), draw.integer(-extents.length, extents.length - 1)];
  };
}

/** A tensor, some of its axes, and whether to keep them. */
export function tensorAndAxes(range: ValueRange = {}, shape: ShapeChoice = {}): Domain<ReductionArgs> {
  return (draw) => {
    const extents = draw.shape({ minExtent: 1, maxRank: 3, ...shape });
    return [draw.tensor(extents, range), draw.axes(extents.length), { keepDim: draw.boolean() }];
  };
}

/** Draws the same numbers at every call: what is to be differentiated has to be a function. */
export class FrozenRandom extends Random {
  readonly seed: number;

  constructor(seed: number) {
    super(seed);
    this.seed = seed;
  }

  override fillUniform(data: Float32Array | Float64Array): void {
    new Random(this.seed).fillUniform(data);
  }
}
