import { customOp, fromTypedArray, gradcheck, Random } from 'hopgrad';

const wrongSoftmax = customOp({
  name: 'wrongSoftmax',
  forward: (x) => x.softmax(),
  backward: (g, { output: p }) => {
    const mean = g.mean(-1, { keepDim: true }); // should be weighted by p
    return [p.mul(g.sub(mean))];
  },
});

// #region property
/** Holds or throws, on an example of its choosing. */
function softmaxHasRightGradients(choose: Choose): void {
  const rank = choose(1, 3);
  const shape = Array.from({ length: rank }, () => choose(1, 4));
  const size = shape.reduce((product, extent) => product * extent, 1);
  const values = Float64Array.from({ length: size }, () => choose(0, 8) / 4);
  const x = fromTypedArray(values, shape);
  const { passed, message } = gradcheck(wrongSoftmax, [x]);
  if (!passed) throw new Error(`${message}\non ${x}`);
}

type Choose = (min: number, max: number) => number;
// #endregion

// #region attempt
/** Tries a property. If it fails: why, and what was decided. */
function attempt(property: (choose: Choose) => void, decide: Decide) {
  const decided: number[] = [];
  const choose: Choose = (min, max) => {
    const above = Math.min(decide(decided.length, max - min), max - min);
    decided.push(above);
    return min + above;
  };
  try {
    property(choose);
    return null;
  } catch (error) {
    return { decided, message: (error as Error).message };
  }
}

type Decide = (place: number, largest: number) => number;
// #endregion

// #region shrink
/** Fewer decisions are simpler, and then smaller ones. */
function weight(decided: number[]): number {
  return decided.reduce((sum, n) => sum + n, 100 * decided.length);
}

function shrink(property: (choose: Choose) => void, failure: Failure): Failure {
  const { decided } = failure;
  const candidates = decided.flatMap((n, i) => [
    decided.toSpliced(i, 1), // without it
    decided.with(i, 0),
    decided.with(i, n >> 1), // half of it
    decided.with(i, Math.max(n - 1, 0)),
  ]);
  for (const candidate of candidates) {
    const again = attempt(property, (place) => candidate[place] ?? 0);
    if (again && weight(again.decided) < weight(decided)) return shrink(property, again);
  }
  return failure; // nothing simpler fails
}

type Failure = NonNullable<ReturnType<typeof attempt>>;
// #endregion

// #region search
const random = new Random(8);
let failure: Failure | null = null;
let tries = 0;
while (!failure && tries < 100) {
  const decide: Decide = (_, largest) => random.int(largest + 1);
  failure = attempt(softmaxHasRightGradients, decide);
  tries++;
}
if (failure) {
  console.log(`try ${tries}: ${failure.message}`);
  console.log(`shrunk: ${shrink(softmaxHasRightGradients, failure).message}`);
}
// #endregion
