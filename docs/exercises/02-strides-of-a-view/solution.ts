/** How a tensor looks at its numbers in memory: index (i, j, …) stands at offset + i · strides[0] + j · strides[1] + …. */
export interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The same numbers with two axes swapped; nothing is copied, and the given view stays as it is. */
export function transposed(view: View, axisA: number, axisB: number): View {
  // #region yours
  const swap = (list: readonly number[]): number[] =>
    list.map((item, axis) => (axis === axisA ? list[axisB] : axis === axisB ? list[axisA] : item));
  return { ...view, shape: swap(view.shape), strides: swap(view.strides) };
  // #endregion
}

/** Along one axis only the elements at `from`, from + step, … before `to`; 0 ≤ from < to ≤ shape[axis], step ≥ 1. */
export function sliced(view: View, axis: number, from: number, to: number, step: number): View {
  // #region yours
  return {
    shape: view.shape.with(axis, Math.ceil((to - from) / step)),
    strides: view.strides.with(axis, view.strides[axis] * step),
    offset: view.offset + from * view.strides[axis],
  };
  // #endregion
}
