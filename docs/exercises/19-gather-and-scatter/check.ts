import fc from 'fast-check';
import { fromTypedArray, gradients, type Tensor, tensor } from 'hopgrad';
import { extent, pick, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const batches = fc.tuple(extent, extent).chain(([rows, dim]) =>
  fc.record({
    x: tensorOf([rows, dim]),
    active: fc.array(fc.boolean(), { minLength: rows, maxLength: rows }),
    weight: tensorOf([rows, dim]),
  }),
);

/** A layer that acts on each row by itself. */
const layer = (rows: Tensor): Tensor => rows.mul(rows).add(10);

/** All rows are computed, and those of skipped tokens thrown away. */
function masked(x: Tensor, active: readonly boolean[]): Tensor {
  return fromTypedArray(Uint8Array.from(active, Number), [active.length, 1]).where(layer(x), x);
}

export default exercise<typeof Solution>({
  title: 'Gather and scatter',
  chapter: 7,
  task: 'Run a layer on the active tokens only, and put their rows back where they came from.',
  laws: ({ runActive }) => [
    example('the second of three rows runs a layer that doubles: [1, 4, 3]', () => {
      const x = tensor([[1], [2], [3]], { dtype: 'float64' });
      const result = runActive(x, [false, true, false], (rows) => rows.mul(2));
      expectClose('the result', result, tensor([[1], [4], [3]], { dtype: 'float64' }));
    }),
    law(
      'the result is that of computing every row and keeping what is active',
      pick(batches, 'x', 'active'),
      ({ x, active }) => {
        expectClose('runActive(x, active, layer)', runActive(x, active, layer), masked(x, active));
      },
    ),
    law(
      'the layer sees the active rows, in one call, and no others',
      pick(batches, 'x', 'active'),
      ({ x, active }) => {
        const seen: unknown[] = [];
        runActive(x, active, (rows) => {
          seen.push(rows.toArray());
          return layer(rows);
        });
        const rows = (x.toArray() as number[][]).filter((_, row) => active[row]);
        expectSame('what the layer was given, a list a call', seen, rows.length > 0 ? [rows] : []);
      },
    ),
    law('the gradient of x is the same too', batches, ({ x, active, weight }) => {
      const slope = (run: (x: Tensor) => Tensor): Tensor => {
        const leaf = x.add(0);
        leaf.requiresGrad = true;
        return gradients(run(leaf).mul(weight).sum(), [leaf])[0];
      };
      const expected = slope((x) => masked(x, active));
      expectClose(
        'the gradient',
        slope((x) => runActive(x, active, layer)),
        expected,
      );
    }),
  ],
});
