import { Random, randn, type Tensor, useDevice } from 'hopgrad';

// #region median
/** The median time of one call, in milliseconds, of calls that come after a warm-up. */
function medianTime(work: () => Tensor): number {
  const once = (): number => {
    const began = performance.now();
    work().at(0, 0).item(); // reading one number waits until the result is there
    return performance.now() - began;
  };
  for (let i = 0; i < 3; i++) once(); // warm-up: kernels and loops are compiled, memory is made
  const times = Array.from({ length: 7 }, once);
  return times.sort((a, b) => a - b)[3];
}
// #endregion

type Make = (rows: number, columns: number) => Tensor;

// #region devices
const works: Record<string, (make: Make) => () => Tensor> = {
  'softmax 1024 × 1024': (make) => {
    const x = make(1024, 1024);
    return () => x.softmax();
  },
  'matmul 256 × 256 × 256': (make) => {
    const [a, b] = [make(256, 256), make(256, 256)];
    return () => a.matmul(b);
  },
};
for (const name of ['reference', 'cpu']) {
  const { running, reason } = await useDevice(name);
  console.log(`${running}: ${reason}`);
  for (const [work, prepare] of Object.entries(works)) {
    const random = new Random(0);
    const milliseconds = medianTime(prepare((...shape) => randn(shape, random)));
    console.log(`  ${work}: ${milliseconds.toFixed(2)} ms`);
  }
}
// #endregion
