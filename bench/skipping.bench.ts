// What skipping buys in training: a step of the yardstick, dense and routed, beside the floating-point operations that
// it ran; of the share of operations saved, how much became time saved.
//   npm run bench -- skipping
import { medians } from './medians.ts';
import { startSession } from './session.ts';
import { makeYardstick, sizes, type Yardstick } from './yardstick.ts';

const session = await startSession('skipping');
const size = session.size ?? sizes.d128;
/** Feed-forwards 4 and 8 times as wide as the model (the paper's). */
const widths = [4, 8];
const densities = [1, 0.5, 0.25];

const models = new Map<string, Yardstick & { feedForward: number; density: number }>();
for (const feedForward of widths) {
  for (const density of densities) {
    // A random gate has exactly the density that is asked of it; density 1 is the dense model.
    const router = density === 1 ? 'none' : 'random';
    const yardstick = makeYardstick(size, { feedForward, router, density });
    models.set(`${feedForward} ${density}`, { ...yardstick, feedForward, density });
  }
}
const tasks = Object.fromEntries([...models].map(([name, { step }]) => [name, step]));
const times = await medians(tasks, { iterations: session.steps ?? 30, time: 1500, warmup: 700 });

session.report(
  [...models].map(([name, { feedForward, density, flopsPerStep }]) => {
    const dense = `${feedForward} 1`;
    const timeOfDense = times[name] / times[dense];
    const flopsOfDense = flopsPerStep() / (models.get(dense) as Yardstick).flopsPerStep();
    const row = { feedForward, density, stepMs: times[name], timeOfDense, flopsOfDense };
    if (density === 1) return row;
    return { ...row, percentRealised: (100 * (1 - timeOfDense)) / (1 - flopsOfDense) };
  }),
);
