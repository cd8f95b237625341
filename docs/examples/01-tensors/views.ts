import { type Tensor, tensor } from 'hopgrad';

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

// #region views
const views: Record<string, Tensor> = {
  x,
  transposed: x.transpose(),
  'last two columns': x.slice(1, 1, 3),
  'every second column': x.slice(1, 0, 3, 2),
  'a row thrice': x.slice(0, 0, 1).expand([3, 3]),
};
for (const [name, view] of Object.entries(views)) {
  const { shape, strides, offset, storage } = view;
  console.log(name, shape, strides, offset, storage === x.storage);
}
// #endregion

// #region reshape
console.log(x.reshape([3, 2]));
console.log(x.transpose());
// #endregion

// #region copy
const flat = x.reshape([6]);
const turnedFlat = x.transpose().reshape([6]);
console.log(flat.toArray(), flat.storage === x.storage);
console.log(turnedFlat.toArray(), turnedFlat.storage === x.storage);
// #endregion
