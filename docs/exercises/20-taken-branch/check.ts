import fc from 'fast-check';
import { gradients, ones, type Tensor, takenBranch, tensor } from 'hopgrad';
import { extent, maskOf, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose } from '../kit/expect.ts';
import { slopes } from '../kit/slopes.ts';
import type * as Solution from './solution.ts';

const routed = fc
  .tuple(extent, extent)
  .chain(([n, d]) =>
    fc.record({ active: maskOf([n, 1]), x: tensorOf([n, d]), y: tensorOf([n, d]), delta: tensorOf([n, d]) }),
  );

/** NaN in the rows that were skipped. */
const onlyActive = (active: Tensor, y: Tensor): Tensor => active.where(y, Number.NaN);

const f64 = (values: number[][]): Tensor => tensor(values, { dtype: 'float64' });

export default exercise<typeof Solution>({
  title: 'The gradient of the branch that was taken',
  chapter: 7,
  task: 'Write the backward rule of estimator B, which never looks at a branch that was not computed.',
  laws: ({ takenBranchBackward }) => [
    example('one token runs: c hears of y, and the gradient goes to y', () => {
      const result = takenBranchBackward(f64([[1, 2]]), tensor([[true]]), f64([[3, 3]]), f64([[10, 20]]));
      expectClose('the gradient of c', result.c, f64([[50]]));
      expectClose('the gradient of x', result.x, f64([[0, 0]]));
      expectClose('the gradient of y', result.y, f64([[1, 2]]));
    }),
    example('one token skips, and its y is NaN: c hears of x, and the gradient goes to x', () => {
      const y = f64([[Number.NaN, Number.NaN]]);
      const result = takenBranchBackward(f64([[1, 2]]), tensor([[false]]), f64([[3, 3]]), y);
      expectClose('the gradient of c', result.c, f64([[9]]));
      expectClose('the gradient of x', result.x, f64([[1, 2]]));
      expectClose('the gradient of y', result.y, f64([[0, 0]]));
    }),
    law(
      'they are the slopes of Σ delta · c · (y where active, x elsewhere), at c = 1',
      routed,
      ({ active, x, y, delta }) => {
        const c = ones([x.shape[0], 1], { dtype: 'float64' });
        const expected = slopes((c, x, y) => c.mul(active.where(y, x)), [c, x, y], delta);
        const result = takenBranchBackward(delta, active, x, y);
        expectClose('the gradient of c', result.c, expected[0], 1e-6);
        expectClose('the gradient of x', result.x, expected[1], 1e-6);
        expectClose('the gradient of y', result.y, expected[2], 1e-6);
      },
    ),
    law("they are the library's, whatever stands in skipped rows of y", routed, ({ active, x, y, delta }) => {
      const leaves = [ones([x.shape[0], 1], { dtype: 'float64' }), x.add(0), y.add(0)];
      for (const leaf of leaves) leaf.requiresGrad = true;
      const output = takenBranch(leaves[0], active, leaves[1], leaves[2]);
      const [c, dx, dy] = gradients(output, leaves, { gradient: delta });
      const result = takenBranchBackward(delta, active, x, onlyActive(active, y));
      expectClose('the gradient of c', result.c, c);
      expectClose('the gradient of x', result.x, dx);
      expectClose('the gradient of y', result.y, dy);
    }),
  ],
});
