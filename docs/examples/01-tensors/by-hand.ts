// #region view
const x: View = {
  data: [1, 2, 3, 4, 5, 6],
  shape: [2, 3],
  strides: [3, 1],
  offset: 0,
};

interface View {
  data: number[];
  shape: number[];
  strides: number[];
  offset: number;
}

/** Where an element stands in the data. */
function place({ offset, strides }: View, index: number[]): number {
  let at = offset;
  index.forEach((i, axis) => {
    at += i * strides[axis];
  });
  return at;
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
  const axis = index.length;
  if (axis === view.shape.length) return [view.data[place(view, index)]];
  const along = [...Array(view.shape[axis]).keys()];
  return along.flatMap((i) => elements(view, [...index, i]));
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
