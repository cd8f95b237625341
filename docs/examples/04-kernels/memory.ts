// #region order
const N = 2048;
const numbers = new Float32Array(N * N).fill(1);

function byRows(): number {
  let sum = 0;
  for (let row = 0; row < N; row++)
    for (let column = 0; column < N; column++) sum += numbers[row * N + column];
  return sum;
}

function byColumns(): number {
  let sum = 0;
  for (let column = 0; column < N; column++)
    for (let row = 0; row < N; row++) sum += numbers[row * N + column];
  return sum;
}
// #endregion

// #region times
function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function time(work: () => number): number {
  const once = (): number => {
    const began = performance.now();
    work();
    return performance.now() - began;
  };
  once(); // warm-up: the engine compiles the loop
  return median(Array.from({ length: 7 }, once));
}

console.log(byRows() === byColumns());
console.log(`by rows ${time(byRows).toFixed(1)} ms, by columns ${time(byColumns).toFixed(1)} ms`);
// #endregion
