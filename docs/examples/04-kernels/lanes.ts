// #region order
const { fround } = Math;
const [large, small] = [1e8, 1];
console.log(fround(fround(large + small) - large));
console.log(fround(fround(large - large) + small));
// #endregion

// #region lanes
function sumInLanes(row: number[]): number {
  const lanes = [0, 0, 0, 0];
  for (let start = 0; start < row.length; start += 4) {
    for (let lane = 0; lane < 4; lane++) {
      const inside = start + lane < row.length;
      lanes[lane] += inside ? row[start + lane] : 0; // a harmless value behind the end
    }
  }
  console.log('lanes:', lanes);
  return lanes[0] + lanes[2] + (lanes[1] + lanes[3]);
}
console.log(sumInLanes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
// #endregion
