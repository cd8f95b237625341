import { tensor } from 'hopgrad';

// #region lists
const rows = [
  [1, 2, 3],
  [4, 5, 6],
];
console.log(rows.length, rows[0].length, rows[1][2]);
// #endregion

// #region tensor
const x = tensor(rows);
console.log(x);
console.log(x.shape, x.rank, x.size);
// #endregion

// #region elementwise
console.log(x.mul(10).add(1));
console.log(x); // as it was
// #endregion

// #region ranks
const scalar = tensor(7);
const vector = tensor([7, 8, 9]);
const cube = tensor([[[7], [8]]]);
for (const t of [scalar, vector, x, cube]) {
  console.log(t.rank, t.shape, t.size);
}
console.log(scalar.item());
// #endregion

// #region dtypes
console.log(tensor([0.1, 0.2]).toArray());
console.log(tensor([0.1, 0.2], { dtype: 'float64' }).toArray());
console.log(x.gt(2));
const ids = tensor([3, 1, 4], { dtype: 'int32' });
console.log(ids.add(1).dtype, ids.add(0.5).dtype, ids.div(2).dtype);
// #endregion
