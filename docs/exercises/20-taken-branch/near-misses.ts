import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { takenBranchBackward } from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'estimator A: it compares the branches, and reads the one that was not computed',
    takenBranchBackward: (delta, active, x, y) => ({
      ...takenBranchBackward(delta, active, x, y),
      c: delta.mul(y.sub(x)).sum(-1, { keepDim: true }),
    }),
  },
  {
    mistake: 'the mask as a factor: 0 · NaN is NaN',
    takenBranchBackward(delta, active, x, y) {
      const run = active.to(delta.dtype);
      const skip = run.neg().add(1);
      const output = y.mul(run).add(x.mul(skip));
      return { c: delta.mul(output).sum(-1, { keepDim: true }), x: delta.mul(skip), y: delta.mul(run) };
    },
  },
  {
    mistake: 'both branches receive the whole gradient',
    takenBranchBackward: (delta, active, x, y) => ({
      c: takenBranchBackward(delta, active, x, y).c,
      x: delta,
      y: delta,
    }),
  },
  {
    mistake: 'skipped tokens tell c nothing',
    takenBranchBackward: (delta, active, x, y) => ({
      ...takenBranchBackward(delta, active, x, y),
      c: active.where(delta.mul(y), 0).sum(-1, { keepDim: true }),
    }),
  },
  {
    mistake: 'the two sides are swapped',
    takenBranchBackward: (delta, active, x, y) => ({
      ...takenBranchBackward(delta, active, x, y),
      x: active.where(delta, 0),
      y: active.where(0, delta),
    }),
  },
]);
