import fc from 'fast-check';
import { ones, tensor } from 'hopgrad';
import { extent, pick, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose } from '../kit/expect.ts';
import { slopes } from '../kit/slopes.ts';
import type * as Solution from './solution.ts';

const rows = fc
  .tuple(extent, extent)
  .chain(([n, v]) => fc.record({ x: tensorOf([n, v]), gradient: tensorOf([n, v]) }));

export default exercise<typeof Solution>({
  title: 'The backward of softmax',
  chapter: 3,
  task: 'From the gradient of softmax(x), and from what it returned, compute that of x.',
  laws: ({ softmaxBackward }) => [
    example('two classes of ½ each, a gradient of 1 for the first: ¼ and −¼', () => {
      const s = tensor([[0.5, 0.5]], { dtype: 'float64' });
      const gradient = tensor([[1, 0]], { dtype: 'float64' });
      expectClose(
        'softmaxBackward(gradient, s)',
        softmaxBackward(gradient, s),
        tensor([[0.25, -0.25]], { dtype: 'float64' }),
      );
    }),
    law('the probabilities sum to 1 whatever x is: a gradient of ones gives 0', pick(rows, 'x'), ({ x }) => {
      const gradient = ones(x.shape, { dtype: 'float64' });
      expectClose('softmaxBackward(ones, s)', softmaxBackward(gradient, x.softmax()), x.mul(0));
    }),
    law('rows do not know of one another', rows, ({ x, gradient }) => {
      const s = x.softmax();
      const alone = softmaxBackward(gradient.slice(0, 0, 1), s.slice(0, 0, 1));
      expectClose('the first row', softmaxBackward(gradient, s).slice(0, 0, 1), alone);
    }),
    law('it is the slope of Σ gradient · softmax(x)', rows, ({ x, gradient }) => {
      const [expected] = slopes((x) => x.softmax(), [x], gradient);
      expectClose('softmaxBackward(gradient, s)', softmaxBackward(gradient, x.softmax()), expected, 1e-6);
    }),
  ],
});
