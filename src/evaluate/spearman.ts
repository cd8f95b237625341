/**
 * Spearman's rank correlation: how far two lists of numbers rise and fall together, from −1 (one falls wherever the other
 * rises) over 0 to 1. Only their order counts. Equal values share the mean of their ranks, so ties are counted right.
 *
 * @returns null where there is no such number: all values of a list are equal, one is NaN, or there are fewer than two
 * @throws RangeError for lists of different lengths
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  if (x.length !== y.length) {
    throw new RangeError(`spearman: ${x.length} and ${y.length} values make no pairs; give as many of each`);
  }
  const [a, b] = [ranks(x), ranks(y)];
  const middle = (x.length + 1) / 2; // the mean of any ranks
  let [both, first, second] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += (a[i] - middle) * (b[i] - middle);
    first += (a[i] - middle) ** 2;
    second += (b[i] - middle) ** 2;
  }
  const scale = Math.sqrt(first * second);
  return scale > 0 ? both / scale : null; // with a NaN among the ranks, scale is NaN
}

/** The rank of each value, the least has 1; equal values have the mean of theirs. All NaN where a value is. */
function ranks(values: ArrayLike<number>): Float64Array {
  const result = new Float64Array(values.length);
  if (Array.from(values).some(Number.isNaN)) return result.fill(Number.NaN);
  const order = Uint32Array.from(result, (_, i) => i).sort((i, j) => compare(values[i], values[j]));
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) result[order[i]] = (start + 1 + end) / 2;
  }
  return result;
}

/** By size. A difference would not do: that of two infinities is NaN. */
function compare(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
