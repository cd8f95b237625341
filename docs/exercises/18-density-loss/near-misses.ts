import { type Tensor, tensor } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { densityLoss } from './solution.ts';

const sum = (terms: readonly Tensor[]): Tensor => terms.reduce((total, term) => total.add(term));

export default nearMisses<typeof Solution>([
  {
    mistake: 'the mean over layers: the pull on each is weaker by their number',
    densityLoss: (masks, target) => densityLoss(masks, target).div(masks.length),
  },
  {
    mistake: 'the share of all layers together: one may run all, another none',
    densityLoss: (masks, target) =>
      sum(masks.map((mask) => mask.mean()))
        .div(masks.length)
        .sub(target)
        .square()
        .mul(masks.length),
  },
  {
    mistake: 'the distance, not its square',
    densityLoss: (masks, target) => sum(masks.map((mask) => mask.mean().sub(target).abs())),
  },
  {
    mistake: 'every token is held to P, not their share',
    densityLoss: (masks, target) => sum(masks.map((mask) => mask.sub(target).square().mean())),
  },
  {
    mistake: 'read as numbers: no gradient flows',
    densityLoss: (masks, target) =>
      tensor(
        masks.reduce((total, mask) => total + (mask.mean().item() - target) ** 2, 0),
        { dtype: 'float64' },
      ),
  },
]);
