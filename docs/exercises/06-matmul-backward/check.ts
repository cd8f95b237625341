import fc from 'fast-check';
import { tensor } from 'hopgrad';
import { extent, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame, expectTensor } from '../kit/expect.ts';
import { slopes } from '../kit/slopes.ts';
import type * as Solution from './solution.ts';

const products = fc
  .tuple(extent, extent, extent)
  .chain(([m, k, n]) => fc.record({ a: tensorOf([m, k]), b: tensorOf([k, n]), gradient: tensorOf([m, n]) }));

export default exercise<typeof Solution>({
  title: 'The backward of a matrix product',
  chapter: 3,
  task: 'From the gradient of a · b, compute those of a and of b.',
  laws: ({ matmulBackward }) => [
    example('(2, 3) · (4, 5)ᵀ = 23: its slope is (4, 5) for a, and (2, 3)ᵀ for b', () => {
      const a = tensor([[2, 3]], { dtype: 'float64' });
      const b = tensor([[4], [5]], { dtype: 'float64' });
      const [forA, forB] = matmulBackward(tensor([[1]], { dtype: 'float64' }), a, b);
      expectClose('the gradient for a', forA, tensor([[4, 5]], { dtype: 'float64' }));
      expectClose('the gradient for b', forB, tensor([[2], [3]], { dtype: 'float64' }));
    }),
    law('each gradient has the shape of what it is for', products, ({ a, b, gradient }) => {
      const results = matmulBackward(gradient, a, b);
      for (const [i, x] of [a, b].entries()) {
        expectTensor(`the gradient for ${'ab'[i]}`, results[i]);
        expectSame(`the shape of the gradient for ${'ab'[i]}`, [...results[i].shape], [...x.shape]);
      }
    }),
    law('they are the slopes of Σ gradient · (a b)', products, ({ a, b, gradient }) => {
      const results = matmulBackward(gradient, a, b);
      const expected = slopes((a, b) => a.matmul(b), [a, b], gradient);
      expectClose('the gradient for a', results[0], expected[0], 1e-6);
      expectClose('the gradient for b', results[1], expected[1], 1e-6);
    }),
  ],
});
