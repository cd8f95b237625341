// #region summary
function summaryOf(block: number[]) {
  const peak = Math.max(...block);
  return { peak, sum: block.reduce((sum, x) => sum + Math.exp(x - peak), 0) };
}
const [left, right] = [summaryOf([1, 3]), summaryOf([2, 5])];
console.log(left, right);
// #endregion

type Summary = ReturnType<typeof summaryOf>;

// #region merge
function merged(a: Summary, b: Summary): Summary {
  const peak = Math.max(a.peak, b.peak);
  return { peak, sum: a.sum * Math.exp(a.peak - peak) + b.sum * Math.exp(b.peak - peak) };
}
console.log(merged(left, right));
console.log(summaryOf([1, 3, 2, 5]));
// #endregion
