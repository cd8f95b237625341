import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

export default nearMisses<typeof Solution>([
  { mistake: 'the decision alone: no gradient flows', straightThrough: (_soft, hard) => hard },
  { mistake: 'soft values', straightThrough: (soft) => soft },
  {
    mistake: 'nothing is detached: what soft gets and what it loses cancel',
    straightThrough: (soft, hard) => soft.add(hard.sub(soft)),
  },
  {
    mistake: 'soft is detached where it should be kept',
    straightThrough: (soft, hard) => soft.detach().add(hard.sub(soft)),
  },
  {
    mistake: 'a factor whose value is 1: the gradient is scaled by the decision',
    straightThrough: (soft, hard) => hard.mul(soft.add(1).div(soft.add(1).detach())),
  },
]);
