/**
 * The shape of a sum of two tensors, from their shapes. Shapes are aligned at their last axes; an axis that is missing
 * counts as 1; an axis of size 1 stretches to the other's size.
 *
 * @throws Error where two sizes differ and neither of them is 1
 */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  // #region yours
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [m, n] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    if (m !== n && m !== 1 && n !== 1) throw new Error(`${m} and ${n} do not broadcast`);
    return m === 1 ? n : m;
  });
  // #endregion
}
