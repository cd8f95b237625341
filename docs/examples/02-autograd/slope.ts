// #region nudge
const f = (x: number) => x * x;
for (const h of [1, 0.1, 0.01, 0.001]) {
  console.log(h, (f(3 + h) - f(3)) / h);
}
// #endregion

// #region downhill
const loss = (w: number) => (2 * w - 6) ** 2;
const slope = (w: number) => (loss(w + 1e-6) - loss(w - 1e-6)) / 2e-6;
let w = 0;
for (let step = 0; step < 6; step++) {
  console.log(w.toFixed(3), loss(w).toFixed(3), slope(w).toFixed(3));
  w -= 0.1 * slope(w);
}
// #endregion

// #region chain
const inner = (x: number) => 2 * x + 1; // slope 2
const outer = (u: number) => u * u; // slope 2u
const x = 1;
const u = inner(x);
const measured = (outer(inner(x + 1e-6)) - outer(inner(x - 1e-6))) / 2e-6;
console.log(2 * u * 2, measured.toFixed(6));
// #endregion
