import fc from 'fast-check';
import { ones, type Tensor, tensor, zeros } from 'hopgrad';
import { extent, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose } from '../kit/expect.ts';
import { slopes } from '../kit/slopes.ts';
import type * as Solution from './solution.ts';

const rows = fc
  .tuple(extent, extent)
  .chain(([n, d]) =>
    fc.record({ x: tensorOf([n, d]), gradient: tensorOf([n, d]), epsilon: fc.constantFrom(0.5, 0.1) }),
  );

/** The library's layer norm, with weight 1 and bias 0. */
function normalised(x: Tensor, epsilon: number): Tensor {
  const [, dim] = x.shape;
  return x.layerNorm(ones([dim], { dtype: 'float64' }), zeros([dim], { dtype: 'float64' }), epsilon);
}

export default exercise<typeof Solution>({
  title: 'The backward of layer norm',
  chapter: 3,
  task: 'Compute the gradient through a normalisation, where every number moves all the others.',
  laws: ({ layerNormBackward }) => [
    example('two numbers −1 and 1, ε = 0: they stay −1 and 1 however they are stretched', () => {
      const x = tensor([[-1, 1]], { dtype: 'float64' });
      const gradient = tensor([[3, 5]], { dtype: 'float64' });
      expectClose('layerNormBackward(gradient, x, 0)', layerNormBackward(gradient, x, 0), x.mul(0));
    }),
    law(
      'adding a number to a whole row changes nothing: each row of the gradient sums to 0',
      rows,
      (given) => {
        const result = layerNormBackward(given.gradient, given.x, given.epsilon);
        expectClose('the sums of its rows', result.sum(-1), given.x.sum(-1).mul(0));
      },
    ),
    law('rows do not know of one another', rows, ({ x, gradient, epsilon }) => {
      const alone = layerNormBackward(gradient.slice(0, 0, 1), x.slice(0, 0, 1), epsilon);
      expectClose('the first row', layerNormBackward(gradient, x, epsilon).slice(0, 0, 1), alone);
    }),
    law('it is the slope of Σ gradient · y', rows, ({ x, gradient, epsilon }) => {
      const [expected] = slopes((x) => normalised(x, epsilon), [x], gradient);
      expectClose('the gradient of x', layerNormBackward(gradient, x, epsilon), expected, 1e-6);
    }),
  ],
});
