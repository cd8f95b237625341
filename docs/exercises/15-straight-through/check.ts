import fc from 'fast-check';
import { gradients, type Tensor, tensor } from 'hopgrad';
import { pick, someShape, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectThat } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const probability = fc.integer({ min: 0, max: 8 }).map((eighth) => eighth / 8);
const decisions = someShape.chain((shape) =>
  fc.record({
    soft: tensorOf(shape, probability),
    hard: tensorOf(shape, fc.constantFrom(0, 1)),
    weight: tensorOf(shape),
  }),
);

/** A leaf of the same values. */
function leaf(x: Tensor): Tensor {
  const copy = x.add(0);
  copy.requiresGrad = true;
  return copy;
}

export default exercise<typeof Solution>({
  title: 'Straight through',
  chapter: 6,
  task: 'Make a tensor that has the values of a hard decision and the gradient of the soft one it was made from.',
  laws: ({ straightThrough }) => [
    example('0.75 was rounded to 1: the value is 1, and the slope with which 0.75 moves it is 1', () => {
      const soft = tensor(0.75, { dtype: 'float64', requiresGrad: true });
      const result = straightThrough(soft, tensor(1, { dtype: 'float64' }));
      expectClose('its value', result.item(), 1);
      expectThat(result.requiresGrad, 'whether a gradient flows', 'one to soft', 'none');
      expectClose('the gradient of soft', gradients(result, [soft])[0].item(), 1);
    }),
    law('its values are those of hard', pick(decisions, 'soft', 'hard'), ({ soft, hard }) => {
      expectClose('straightThrough(soft, hard)', straightThrough(leaf(soft), hard), hard);
    }),
    law(
      'soft receives the gradient as it comes, whatever was decided',
      decisions,
      ({ soft, hard, weight }) => {
        const from = leaf(soft);
        const result = straightThrough(from, hard);
        expectThat(result.requiresGrad, 'whether a gradient flows', 'one to soft', 'none');
        expectClose('the gradient of soft', gradients(result.mul(weight).sum(), [from])[0], weight);
      },
    ),
  ],
});
