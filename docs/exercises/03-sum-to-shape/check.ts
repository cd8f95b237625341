import fc from 'fast-check';
import { ones, tensor } from 'hopgrad';
import { extent, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame, expectTensor } from '../kit/expect.ts';
import { slopes } from '../kit/slopes.ts';
import type * as Solution from './solution.ts';

/** A tensor x, and the gradient of what it was stretched to. */
const stretches = fc.array(fc.record({ extent, stretched: fc.boolean() }), { maxLength: 3 }).chain((axes) =>
  fc.nat(axes.length).chain((missing) => {
    const to = axes.map((axis) => axis.extent);
    const own = axes.map((axis) => (axis.stretched ? 1 : axis.extent)).slice(missing);
    return fc.record({ x: tensorOf(own), gradient: tensorOf(to) });
  }),
);

export default exercise<typeof Solution>({
  title: 'Sum to a shape',
  chapter: 1,
  task: 'Undo a broadcast: sum a gradient over the axes along which its tensor was stretched.',
  laws: ({ sumToShape }) => [
    example('a row that was used twice gets the sum of both', () => {
      const gradient = tensor([[1, 2, 3], [10, 20, 30]], { dtype: 'float64' }); // biome-ignore format: a matrix
      expectClose(
        'sumToShape(gradient, [3])',
        sumToShape(gradient, [3]),
        tensor([11, 22, 33], { dtype: 'float64' }),
      );
    }),
    example('a column (2, 1) keeps its axis of size 1', () => {
      const result = sumToShape(ones([2, 3]), [2, 1]);
      expectTensor('sumToShape(ones([2, 3]), [2, 1])', result);
      expectSame('its shape', [...result.shape], [2, 1]);
    }),
    law('the result has the shape that was asked for', stretches, ({ x, gradient }) => {
      const result = sumToShape(gradient, x.shape);
      expectTensor('the result', result);
      expectSame('its shape', [...result.shape], [...x.shape]);
    }),
    law('it is the slope of Σ gradient · (x, stretched)', stretches, ({ x, gradient }) => {
      const [expected] = slopes((x) => x.expand(gradient.shape), [x], gradient);
      expectClose('sumToShape(gradient, x.shape)', sumToShape(gradient, x.shape), expected, 1e-6);
    }),
  ],
});
