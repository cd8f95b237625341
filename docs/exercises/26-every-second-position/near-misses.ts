import { fromTypedArray, full, type Route, type RouteOptions, type Tensor } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { EverySecondPosition } from './solution.ts';

/** The right router, told or answering something else. */
function changed(
  change: (route: Route, z: Tensor, options: RouteOptions) => Partial<Route>,
  told: Partial<RouteOptions> = {},
): typeof Solution {
  return {
    EverySecondPosition: class extends EverySecondPosition {
      override route(z: Tensor, options: RouteOptions): Route {
        const route = super.route(z, { ...options, ...told });
        return { ...route, ...change(route, z, options) };
      }
    },
  };
}

export default nearMisses<typeof Solution>([
  { mistake: 'every piece of a text is taken for its beginning', ...changed(() => ({}), { start: 0 }) },
  {
    mistake: 'tokens are counted through the batch, not through their text',
    ...changed((route, { shape: [batch, tokens] }, { start }) => {
      const even = Uint8Array.from({ length: batch * tokens }, (_, i) => Number((start + i) % 2 === 0));
      return { ...route, active: fromTypedArray(even, [batch, tokens, 1]) };
    }),
  },
  {
    mistake: 'the output is the other way round',
    ...changed(({ active }) => ({ combine: (x, y) => active.where(x, y) })),
  },
  { mistake: 'the density is ½, whatever runs', ...changed(() => ({ density: full([], 0.5) })) },
  { mistake: 'padding counts for the density', ...changed(() => ({}), { valid: null }) },
  {
    mistake: 'the mask lacks its last axis',
    ...changed(({ active }) => ({ active: active.squeeze(-1) })),
  },
]);
