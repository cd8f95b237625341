import { currentDevice, Random, randn, type Tensor, toDevice, useDevice } from 'hopgrad';

// #region compare
await useDevice('reference');
const reference = currentDevice();
await useDevice('cpu');

/** The largest error of a softmax kernel, as a share of the error that it may have. */
async function worstError(kernel: (x: Tensor) => ArrayLike<number>, x: Tensor): Promise<number> {
  const columns = x.shape[1];
  const found = kernel(x);
  const exact = (await toDevice(x, reference)).to('float64').softmax().toTypedArray();
  const shares = Array.from(exact, (y, i) => {
    const allowed = 1.5e-38 + y * (4e-7 + 6e-8 * Math.log(columns / Math.max(y, 1e-45)));
    return Math.abs(found[i] - y) / allowed;
  });
  return Math.max(...shares);
}
// #endregion

// #region shapes
const random = new Random(1);
const drawn = Array.from({ length: 300 }, () => [1 + random.int(9), 1 + random.int(70)]);

let worst = 0;
for (const shape of drawn) {
  const x = randn(shape, random).mul(10 ** random.int(4)); // a spread of 1, 10, 100 or 1000
  worst = Math.max(worst, await worstError((t) => t.softmax().toTypedArray(), x));
}
console.log(`${drawn.length} shapes: at worst ${worst.toFixed(1)} of what is allowed`);
// #endregion

// #region forgetful
/** Forgets to add up what is left of a row behind the last whole vector of four. */
function forgetful(x: Tensor): number[] {
  return (x.toArray() as number[][]).flatMap((row) => {
    const max = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - max));
    const whole = powers.slice(0, row.length - (row.length % 4));
    const sum = whole.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  });
}
for (const columns of [64, 65]) {
  const share = await worstError(forgetful, randn([5, columns], random));
  console.log(`${columns} columns: ${share <= 1 ? 'right' : 'wrong'}`);
}
// #endregion
