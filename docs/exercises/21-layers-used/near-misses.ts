import { zeros } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';
import { layersUsed } from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'layers without a router are left out',
    layersUsed: (routes, shape) =>
      layersUsed(
        routes.filter((route) => route !== null),
        shape,
      ),
  },
  {
    mistake: 'layers that were skipped are counted',
    layersUsed: (routes, shape) => layersUsed(routes, shape).neg().add(routes.length),
  },
  {
    mistake: '(B, T, 1) is added to (B, T), which broadcasts to (B, T, T)',
    layersUsed(routes, shape) {
      let used = zeros(shape);
      for (const active of routes) used = used.add(active ? active.to('float32') : 1);
      return used;
    },
  },
  {
    mistake: 'a mean over layers',
    layersUsed: (routes, shape) => layersUsed(routes, shape).div(Math.max(1, routes.length)),
  },
]);
