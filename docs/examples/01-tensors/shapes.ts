import { tensor } from 'hopgrad';

// #region shape
const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
console.log(x.shape, x.dtype);
console.log(x);
// #endregion

// #region transpose
console.log(x.transpose());
// #endregion
