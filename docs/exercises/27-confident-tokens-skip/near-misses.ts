import type { Route, RouteOptions, Tensor } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { ConfidentSkip } from './solution.ts';

/** The right router, with a decision of its own, or something else in its answer. */
function changed(
  decide: (said: Tensor, threshold: number) => Tensor,
  change: (route: Route) => Partial<Route> = () => ({}),
): typeof Solution {
  return {
    ConfidentSkip: class extends ConfidentSkip {
      override route(z: Tensor, options: RouteOptions): Route {
        const active = decide(options.exitLogits(), this.threshold);
        const density = active.to(z.dtype).mean();
        const combine: Route['combine'] = (x, y) => active.where(y, x);
        const route = { ...super.route(z, options), active, density, combine };
        return { ...route, ...change(route) };
      }
    },
  };
}

const below = (said: Tensor, threshold: number): Tensor =>
  said.softmax().max(-1, { keepDim: true }).lt(threshold);

export default nearMisses<typeof Solution>([
  {
    mistake: 'those who are sure run',
    ...changed((said, threshold) => said.softmax().max(-1, { keepDim: true }).ge(threshold)),
  },
  {
    mistake: 'logits are compared with a probability',
    ...changed((said, threshold) => said.max(-1, { keepDim: true }).lt(threshold)),
  },
  {
    mistake: 'the threshold has to be passed, and not just reached',
    ...changed((said, threshold) => said.softmax().max(-1, { keepDim: true }).le(threshold)),
  },
  {
    mistake: 'the softmax runs over the tokens, so that a decision depends on what comes later',
    ...changed((said, threshold) => said.softmax(1).max(-1, { keepDim: true }).lt(threshold)),
  },
  {
    mistake: 'the exit logits are kept to itself',
    ...changed(below, () => ({ exitLogits: undefined })),
  },
  {
    mistake: 'the density is the share of those who skip',
    ...changed(below, ({ density }) => ({ density: density.neg().add(1) })),
  },
]);
