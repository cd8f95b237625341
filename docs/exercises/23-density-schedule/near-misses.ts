import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { densityAt } from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'the line is not stopped at the target',
    densityAt: (step, { target, from, to }) =>
      step <= from && from < to ? 1 : from === to ? target : 1 - ((step - from) / (to - from)) * (1 - target),
  },
  {
    mistake: 'without a fall 0 / 0 comes out',
    densityAt: (step, { target, from, to }) =>
      1 - Math.min(1, Math.max(0, (step - from) / (to - from))) * (1 - target),
  },
  {
    mistake: 'by a factor a step: a curve, not a line',
    densityAt: (step, fall) =>
      step <= fall.from || step >= fall.to
        ? densityAt(step, fall)
        : fall.target ** ((step - fall.from) / (fall.to - fall.from)),
  },
  {
    mistake: 'the fall begins at step 0',
    densityAt: (step, fall) => densityAt(step, { ...fall, from: 0 }),
  },
]);
