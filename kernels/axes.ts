/** Axes of strided views made few: what kernels loop over, and tables of offsets for the rest. */

/** Some axes of a view, from the slowest to the fastest, neighbours joined where one step of the outer spans the inner. */
export class Axes {
  readonly extents: number[] = [];
  /** In elements. */
  readonly strides: number[] = [];

  clear(): void {
    this.extents.length = 0;
    this.strides.length = 0;
  }

  get length(): number {
    return this.extents.length;
  }

  /** How many elements they span. */
  get size(): number {
    let size = 1;
    for (let i = 0; i < this.extents.length; i++) size *= this.extents[i];
    return size;
  }

  /** Adds an axis that varies faster than those before; one of a single step is no axis. */
  add(extent: number, stride: number): void {
    if (extent === 1) return;
    const last = this.extents.length - 1;
    if (last >= 0 && this.strides[last] === extent * stride) {
      this.extents[last] *= extent;
      this.strides[last] = stride;
    } else {
      this.extents.push(extent);
      this.strides.push(stride);
    }
  }

  /** Brings the axes into an order in which memory is walked through, where the order of elements does not matter. */
  arrange(): void {
    if (this.length < 2) return;
    const order = this.strides.map((stride, i) => ({ extent: this.extents[i], stride }));
    order.sort((a, b) => span(b.stride) - span(a.stride));
    this.clear();
    for (const { extent, stride } of order) this.add(extent, stride);
  }
}

/** Steps of 0 outermost: they walk through nothing, so something else should be the inner loop. */
function span(stride: number): number {
  return stride === 0 ? Number.MAX_SAFE_INTEGER : Math.abs(stride);
}

/**
 * Writes the offsets in bytes, four to an element, of all positions along the first `count` axes, in reading order.
 *
 * @param at the place of the first in `table`
 */
export function writeOffsets(table: Int32Array, at: number, { extents, strides }: Axes, count: number): void {
  table[at] = 0;
  let known = 1;
  // Each axis from the inside out repeats what is known, a step further each time.
  for (let axis = count - 1; axis >= 0; axis--) {
    for (let step = 1; step < extents[axis]; step++) {
      const shift = 4 * step * strides[axis];
      const from = at + step * known;
      for (let i = 0; i < known; i++) table[from + i] = table[at + i] + shift;
    }
    known *= extents[axis];
  }
}
