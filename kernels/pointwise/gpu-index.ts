/**
 * gpu.js source for finding an element in a flat array. Sizes stand in the source as numbers: a kernel belongs to one
 * shape. All indices are floating-point in GPU languages, exact below 2²⁴.
 */

/** Larger buffers than this cannot be indexed exactly. */
export const MAX_GPU_ELEMENTS: number = 2 ** 24;

/** A kernel in the language of gpu.js: the text of one function over flat arrays and numbers. */
export interface GpuSource {
  readonly source: string;
  /** Elements of the result; the kernel runs once for each, with its number in this.thread.x. */
  readonly length: number;
}

/** ⌊index / size⌋ of whole numbers; the half keeps inexact divisions on the right side. */
export function quotient(index: string, size: number): string {
  return size === 1 ? index : `Math.floor((${index} + 0.5) / ${size})`;
}

/** The offset, in elements, of element number `index` (in reading order) of a view. */
export function offsetSource(
  index: string,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): string {
  const terms: string[] = offset === 0 ? [] : [`${offset}`];
  let size = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== 0) {
      const whole = quotient(index, size);
      const outermost = shape.slice(0, axis).every((extent) => extent === 1);
      const position = outermost
        ? whole
        : `(${whole} - ${shape[axis]} * ${quotient(index, size * shape[axis])})`;
      terms.push(strides[axis] === 1 ? position : `${position} * ${strides[axis]}`);
    }
    size *= shape[axis];
  }
  return terms.length === 0 ? '0' : terms.join(' + ');
}
