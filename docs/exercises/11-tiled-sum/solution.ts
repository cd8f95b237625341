/**
 * The sum of numbers in float32, tile by tile: each run of `tile` numbers is added up on its own, from 0 and from left to
 * right, and so are then the sums of the tiles. The last tile may be shorter. After every addition the sum is rounded to
 * float32, by Math.fround, as the hardware does it.
 */
export function tiledSum(values: Float32Array, tile: number): number {
  // #region yours
  let total = 0;
  for (let start = 0; start < values.length; start += tile) {
    let sum = 0;
    const end = Math.min(start + tile, values.length);
    for (let i = start; i < end; i++) sum = Math.fround(sum + values[i]);
    total = Math.fround(total + sum);
  }
  return total;
  // #endregion
}
