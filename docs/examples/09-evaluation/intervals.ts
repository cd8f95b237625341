// #region accuracy
const spread = (p: number, n: number) => 1.96 * Math.sqrt((p * (1 - p)) / n);
for (const n of [50, 200, 1000]) {
  console.log(`70 % of ${n} questions: ± ${(100 * spread(0.7, n)).toFixed(1)} points`);
}
// #endregion

// #region many-tasks
const chanceOfNone = 0.95 ** 24;
console.log(`of 24 tasks at least one 'significant' by luck: ${(100 * (1 - chanceOfNone)).toFixed(0)} %`);
// #endregion
