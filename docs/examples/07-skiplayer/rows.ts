import { tensor } from 'hopgrad';

// #region gather
const x = tensor([
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
]);
// Tokens 1 and 3 run; the third row is padding.
const index = tensor([1, 3, -1], { dtype: 'int32' });
const rows = x.gatherRows(index);
console.log(rows);
// #endregion

// #region scatter
const y = rows.mul(10); // the layer
console.log(x.scatterRows(index, y));
// #endregion
