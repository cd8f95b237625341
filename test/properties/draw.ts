/**
 * What the records of src/ops draw their arguments from, over fast-check: every number that is drawn can shrink, so a
 * failing example ends up small. Tensors are float64, their values stand on a grid, and they come in every layout that
 * a kernel has to read: contiguous, transposed, sliced, selected, expanded, and still pending in a fused program.
 */
import fc from 'fast-check';
import { fromTypedArray, type Tensor } from '../../src/index.ts';
import type { Draw, ShapeChoice, ValueRange } from '../../src/ops/domain.ts';
import { sizeOf } from '../../src/tensor/shape.ts';

/** Shapes stay small enough for finite differences of every element … */
const MAX_ELEMENTS = 16;
/** … unless a check asks for large ones, with axes this many times as long. */
const MAX_ELEMENTS_LARGE = 64;
const LARGE_EXTENT = 3;
/** Values are multiples of this. */
const GRID = 1 / 64;
/** Where elements must be distinct, they are multiples of this, which is more than the distance that Draw promises. */
const DISTINCT_GRID = 1 / 16;
/** The distance that Draw promises between values and the points they avoid. */
const CLEARANCE = 0.05;

/** How a drawn tensor hangs off the memory it shows. */
export interface Layout {
  readonly kind: string;
  /** Shape of the contiguous leaf behind the view. */
  readonly leafShape: readonly number[];
  readonly view: (leaf: Tensor) => Tensor;
  /** The view as a suffix to the leaf's name, in code. */
  readonly code: string;
}

/** A contiguous leaf, and the view of it that an op gets to see. */
export interface Drawn {
  readonly leaf: Tensor;
  readonly layout: Layout;
  readonly range: ValueRange;
}

export interface DrawingOptions {
  /** Makes `broadcastable` answer with the shape itself, so that both operands of an op could be one tensor. */
  sameShapes?: boolean;
  /** Draw contiguous tensors only. */
  contiguous?: boolean;
  /** Draw larger shapes than finite differences of every element could afford. */
  large?: boolean;
}

export class Drawing implements Draw {
  /** Every floating tensor that was drawn, with the leaf it shows. */
  readonly drawn: Map<Tensor, Drawn> = new Map();
  readonly #g: fc.GeneratorValue;
  readonly #options: DrawingOptions;

  constructor(g: fc.GeneratorValue, options: DrawingOptions = {}) {
    this.#g = g;
    this.#options = options;
  }

  integer(min: number, max: number): number {
    return this.#g(integerBetween, min, max);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)];
  }

  boolean(): boolean {
    return this.integer(0, 1) === 1;
  }

  shape({ minRank = 0, maxRank = 4, minExtent = 0, maxExtent = 4 }: ShapeChoice = {}): number[] {
    const rank = this.integer(minRank, maxRank);
    // Most shapes should hold something: an empty axis is allowed in one of eight.
    const least = minExtent === 0 && this.integer(0, 7) < 7 ? 1 : minExtent;
    const most = this.#options.large ? maxExtent * LARGE_EXTENT : maxExtent;
    const shape: number[] = [];
    let room = this.#options.large ? MAX_ELEMENTS_LARGE : MAX_ELEMENTS;
    for (let axis = 0; axis < rank; axis++) {
      const extent = this.integer(least, Math.max(least, Math.min(most, room)));
      shape.push(extent);
      room = Math.floor(room / Math.max(extent, 1));
    }
    return shape;
  }

  broadcastable(shape: readonly number[]): number[] {
    if (this.#options.sameShapes) return [...shape];
    const other = shape.map((extent) => (this.integer(0, 2) === 0 ? 1 : extent));
    const lead = this.integer(-1, shape.length);
    // All that is added in front is 2, so that several shapes that fit this one also fit each other.
    return lead < 0 ? [2, ...other] : other.slice(lead);
  }

  axes(rank: number): number[] | undefined {
    if (this.integer(0, 3) === 0) return undefined;
    const chosen = this.#g(subset, rank);
    return chosen.map((axis) => (this.boolean() ? axis - rank : axis));
  }

  permutation(n: number): number[] {
    return this.#g(shuffled, n);
  }

  tensor(shape: readonly number[], range: ValueRange = {}): Tensor {
    const { min = -2, max = 2, avoid = [], distinct = false } = range;
    let layout = this.layout(shape, { expand: !distinct, compute: true });
    // A slice shows part of a larger leaf, for which there may not be enough distinct values.
    const places = distinct ? onGrid(DISTINCT_GRID, min, max, avoid).length : Number.POSITIVE_INFINITY;
    if (sizeOf(layout.leafShape) > places) layout = contiguous(shape);
    fc.pre(sizeOf(shape) <= places);
    const size = sizeOf(layout.leafShape);
    const values = this.#g(distinct ? distinctValues : gridValues, size, min, max, avoid);
    const leaf = fromTypedArray(Float64Array.from(values), layout.leafShape);
    const result = layout.view(leaf);
    this.drawn.set(result, { leaf, layout, range });
    return result;
  }

  indices(shape: readonly number[], below: number): Tensor {
    const layout = this.layout(shape, { expand: true, compute: false });
    const values = this.#g(integers, sizeOf(layout.leafShape), 0, Math.max(below - 1, 0));
    return layout.view(fromTypedArray(Int32Array.from(values), layout.leafShape));
  }

  order(n: number): Tensor {
    return fromTypedArray(Int32Array.from(this.permutation(n)), [n]);
  }

  mask(shape: readonly number[]): Tensor {
    const layout = this.layout(shape, { expand: true, compute: false });
    const values = this.#g(integers, sizeOf(layout.leafShape), 0, 1);
    return layout.view(fromTypedArray(Uint8Array.from(values), layout.leafShape));
  }

  /** A layout in memory for a tensor of this shape; contiguous ones shrink best and come first. */
  layout(shape: readonly number[], allow: { expand: boolean; compute: boolean }): Layout {
    const kinds = ['contiguous', 'selected'];
    if (allow.compute) kinds.push('pending');
    if (shape.length > 1) kinds.push('transposed');
    if (shape.length > 0) kinds.push('sliced');
    if (allow.expand && shape.some((extent) => extent > 1)) kinds.push('expanded');
    const kind = this.#options.contiguous ? 'contiguous' : this.pick(kinds);
    switch (kind) {
      case 'selected':
        return this.#selected(shape);
      case 'pending':
        return { kind, leafShape: shape, view: (leaf) => leaf.mul(1), code: '.mul(1)' };
      case 'transposed':
        return this.#transposed(shape);
      case 'sliced':
        return this.#sliced(shape);
      case 'expanded':
        return this.#expanded(shape);
      default:
        return contiguous(shape);
    }
  }

  /** One entry of a longer leading axis: contiguous, but it starts somewhere inside its storage. */
  #selected(shape: readonly number[]): Layout {
    const at = this.integer(0, 1);
    return {
      kind: 'selected',
      leafShape: [2, ...shape],
      view: (leaf) => leaf.slice(0, at, at + 1).squeeze(0),
      code: `.slice(0, ${at}, ${at + 1}).squeeze(0)`,
    };
  }

  #transposed(shape: readonly number[]): Layout {
    const drawn = this.permutation(shape.length);
    const order = drawn.every((from, axis) => from === axis) ? drawn.toReversed() : drawn;
    const leafShape = new Array<number>(shape.length);
    order.forEach((from, axis) => {
      leafShape[from] = shape[axis];
    });
    const code = `.permute([${order.join(', ')}])`;
    return { kind: 'transposed', leafShape, view: (leaf) => leaf.permute(order), code };
  }

  /** Every step-th entry of a longer axis, with something before and behind. */
  #sliced(shape: readonly number[]): Layout {
    const axis = this.integer(0, shape.length - 1);
    const [start, step, behind] = [this.integer(0, 1), this.integer(1, 2), this.integer(0, 1)];
    const end = start + shape[axis] * step;
    return {
      kind: 'sliced',
      leafShape: shape.with(axis, end + behind),
      view: (leaf) => leaf.slice(axis, start, end, step),
      code: `.slice(${axis}, ${start}, ${end}, ${step})`,
    };
  }

  /** Some axes stretched from a single entry: many elements share one number, and their gradients add up. */
  #expanded(shape: readonly number[]): Layout {
    const stretched = this.pick(shape.flatMap((extent, axis) => (extent > 1 ? [axis] : [])));
    const leafShape = shape.map((extent, axis) => (axis === stretched || this.boolean() ? 1 : extent));
    const code = `.expand([${shape.join(', ')}])`;
    return { kind: 'expanded', leafShape, view: (leaf) => leaf.expand(shape), code };
  }
}

function contiguous(shape: readonly number[]): Layout {
  return { kind: 'contiguous', leafShape: shape, view: (leaf) => leaf, code: '' };
}

// One function per kind of value, not closures: fc.gen recognises a repeated draw by function and arguments.

function integerBetween(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max });
}

function integers(size: number, min: number, max: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min, max }), { minLength: size, maxLength: size });
}

function subset(n: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i));
}

function shuffled(n: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(
    Array.from({ length: n }, (_, i) => i),
    { minLength: n, maxLength: n },
  );
}

/** The multiples of `grid` in a range that are clear of the points to avoid. */
function onGrid(grid: number, min: number, max: number, avoid: readonly number[]): number[] {
  const values: number[] = [];
  for (let step = Math.ceil(min / grid); step * grid <= max; step++) {
    if (avoid.every((point) => Math.abs(step * grid - point) >= CLEARANCE)) values.push(step * grid);
  }
  // Nearest to 0 first: that is where shrinking goes.
  return values.sort((a, b) => Math.abs(a) - Math.abs(b));
}

function gridValues(
  size: number,
  min: number,
  max: number,
  avoid: readonly number[],
): fc.Arbitrary<number[]> {
  const grid = onGrid(GRID, min, max, avoid);
  const value = fc.nat({ max: grid.length - 1 }).map((place) => grid[place]);
  return fc.array(value, { minLength: size, maxLength: size });
}

function distinctValues(
  size: number,
  min: number,
  max: number,
  avoid: readonly number[],
): fc.Arbitrary<number[]> {
  const grid = onGrid(DISTINCT_GRID, min, max, avoid);
  if (grid.length < size) throw new Error(`Draw: ${size} distinct values do not fit from ${min} to ${max}`);
  return fc.shuffledSubarray(grid, { minLength: size, maxLength: size });
}
