import fc from 'fast-check';
import { customOp, gradcheck, ones, tensor } from 'hopgrad';
import { extent, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame, expectSlopes, expectTensor } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

/** A tensor x, and a shape that it stretches to. */
const stretches = fc.array(fc.record({ extent, stretched: fc.boolean() }), { maxLength: 3 }).chain((axes) =>
  fc.nat(axes.length).chain((missing) => {
    const to = axes.map((axis) => axis.extent);
    const own = axes.map((axis) => (axis.stretched ? 1 : axis.extent)).slice(missing);
    return fc.record({ x: tensorOf(own), to: fc.constant(to) });
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
    law('the result has the shape that was asked for', stretches, ({ x, to }) => {
      const result = sumToShape(ones(to, { dtype: 'float64' }), x.shape);
      expectTensor('the result', result);
      expectSame('its shape', [...result.shape], [...x.shape]);
    }),
    law(
      'it is the gradient of stretching',
      stretches,
      ({ x, to }) => {
        const stretch = customOp({
          name: 'stretch',
          forward: (x) => x.expand(to),
          backward: (gradient) => [sumToShape(gradient, x.shape)],
        });
        expectSlopes(['x'], gradcheck(stretch, [x]));
      },
      { runs: 60 },
    ),
  ],
});
