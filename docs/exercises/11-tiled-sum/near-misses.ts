import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'the last tile is left out where it is short',
    tiledSum(values, tile) {
      let total = 0;
      for (let start = 0; start + tile <= values.length; start += tile) {
        total += values.subarray(start, start + tile).reduce((sum, x) => Math.fround(sum + x), 0);
      }
      return Math.fround(total);
    },
  },
  {
    mistake: 'one sum, carried on through the tiles',
    tiledSum: (values) => values.reduce((sum, x) => Math.fround(sum + x), 0),
  },
  {
    mistake: 'float64 inside, rounded at the end: more exact, and not what the hardware does',
    tiledSum: (values) => Math.fround(values.reduce((sum, x) => sum + x, 0)),
  },
  {
    mistake: 'every tile-th number together: lanes, not tiles',
    tiledSum(values, tile) {
      const lanes = new Float32Array(tile);
      values.forEach((x, i) => {
        lanes[i % tile] += x;
      });
      return lanes.reduce((sum, x) => Math.fround(sum + x), 0);
    },
  },
]);
