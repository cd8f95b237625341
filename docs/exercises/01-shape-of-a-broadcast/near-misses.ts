import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

export default nearMisses<typeof Solution>([
  {
    mistake: 'aligned at the first axes',
    broadcastShape(a, b) {
      const longer = a.length > b.length ? a : b;
      return longer.map((_, axis) => {
        const [m, n] = [a[axis] ?? 1, b[axis] ?? 1];
        if (m !== n && m !== 1 && n !== 1) throw new Error('no');
        return m === 1 ? n : m;
      });
    },
  },
  {
    mistake: 'the larger of the two sizes, whatever they are',
    broadcastShape(a, b) {
      const rank = Math.max(a.length, b.length);
      return Array.from({ length: rank }, (_, axis) =>
        Math.max(a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1),
      );
    },
  },
  {
    mistake: 'the larger of the two, where they fit: 1 does not stretch to 0',
    broadcastShape(a, b) {
      const rank = Math.max(a.length, b.length);
      return Array.from({ length: rank }, (_, axis) => {
        const [m, n] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
        if (m !== n && m !== 1 && n !== 1) throw new Error('no');
        return Math.max(m, n);
      });
    },
  },
]);
