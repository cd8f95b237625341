// #region view
const x: View = { data: [1, 2, 3, 4, 5, 6], shape: [2, 3], strides: [3, 1], offset: 0 };

interface View {
  data: number[];
  shape: number[];
  strides: number[];
  offset: number;
}

/** Where an element stands in the data. */
function place({ offset, strides }: View, index: number[]): number {
  return offset + index.reduce((sum, i, axis) => sum + i * strides[axis], 0);
}

console.log(place(x, [1, 2]), x.data[place(x, [1, 2])]);
// #endregion

// #region transpose
const turned: View = { ...x, shape: [3, 2], strides: [1, 3] };
console.log(x.data[place(x, [0, 2])], turned.data[place(turned, [2, 0])]);
// #endregion

// #region show
/** All elements, in reading order. */
function elements(view: View, index: number[] = []): number[] {
  if (index.length === view.shape.length) return [view.data[place(view, index)]];
  return Array.from({ length: view.shape[index.length] }, (_, i) => elements(view, [...index, i])).flat();
}

console.log(elements(x), elements(turned));
// #endregion

// #region slice
const lastTwoColumns: View = { ...x, shape: [2, 2], offset: 1 };
const everySecond: View = { ...x, shape: [2, 2], strides: [3, 2] };
console.log(elements(lastTwoColumns), elements(everySecond));
// #endregion

// #region stretch
const firstRowThrice: View = { ...x, shape: [3, 3], strides: [0, 1] };
console.log(elements(firstRowThrice).join(' '));
// #endregion
