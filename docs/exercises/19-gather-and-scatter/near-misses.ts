import { fromTypedArray, type Tensor, zeros } from 'hopgrad';
import { nearMisses } from '../kit/exercise.ts';
import type * as Solution from './solution.ts';

function indexOf(active: readonly boolean[]): Tensor {
  const places = active.flatMap((runs, row) => (runs ? [row] : []));
  return fromTypedArray(Int32Array.from(places), [places.length]);
}

export default nearMisses<typeof Solution>([
  {
    mistake: 'every row is computed: right, and nothing is saved',
    runActive: (x, active, layer) =>
      fromTypedArray(Uint8Array.from(active, Number), [active.length, 1]).where(layer(x), x),
  },
  {
    mistake: 'skipped rows come out as 0',
    runActive(x, active, layer) {
      const index = indexOf(active);
      if (index.size === 0) return x;
      return zeros(x.shape, { dtype: x.dtype }).scatterRows(index, layer(x.gatherRows(index)));
    },
  },
  {
    mistake: 'the results are put into the first rows',
    runActive(x, active, layer) {
      const index = indexOf(active);
      if (index.size === 0) return x;
      const first = fromTypedArray(
        Int32Array.from({ length: index.size }, (_, i) => i),
        [index.size],
      );
      return x.scatterRows(first, layer(x.gatherRows(index)));
    },
  },
  {
    mistake: 'the layer is asked even where there is nothing to do',
    runActive(x, active, layer) {
      const index = indexOf(active);
      return x.scatterRows(index, layer(x.gatherRows(index)));
    },
  },
  {
    mistake: 'the results are added to the rows, not put in their place',
    runActive(x, active, layer) {
      const index = indexOf(active);
      if (index.size === 0) return x;
      return x.add(zeros(x.shape, { dtype: x.dtype }).scatterRows(index, layer(x.gatherRows(index))));
    },
  },
]);
