// #region split
const x = -5;
const n = Math.round(x / Math.LN2);
const r = x - n * Math.LN2;
console.log({ n, r });
// #endregion

// #region series
const series = 1 + r + r ** 2 / 2 + r ** 3 / 6 + r ** 4 / 24;
console.log(2 ** n * series);
console.log(Math.exp(x));
// #endregion

// #region shift
const bits = new Int32Array([(n + 127) << 23]);
console.log(new Float32Array(bits.buffer)[0], 2 ** n);
// #endregion
