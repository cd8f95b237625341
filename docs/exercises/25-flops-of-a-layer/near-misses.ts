import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { flopsOfLayer } from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'a token that skips leaves no key and value',
    flopsOfLayer: (size) => flopsOfLayer(size) - (1 - size.density) * 4 * size.dim ** 2,
  },
  {
    mistake: 'multiplications alone, without their additions',
    flopsOfLayer: (size) => flopsOfLayer(size) / 2,
  },
  { mistake: 'the router costs nothing', flopsOfLayer: (size) => flopsOfLayer(size) - 4 * size.dim },
  {
    mistake: 'the router is asked by those who run alone',
    flopsOfLayer: (size) => flopsOfLayer(size) - (1 - size.density) * 4 * size.dim,
  },
  {
    mistake: 'attention reads scores, and forgets the sum of values',
    flopsOfLayer: (size) => flopsOfLayer(size) - 2 * size.density * size.dim * size.keys,
  },
  {
    mistake: 'one matrix in the feed-forward',
    flopsOfLayer: (size) => flopsOfLayer(size) - 2 * size.density * size.dim * size.hidden,
  },
]);
