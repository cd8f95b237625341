import fc from 'fast-check';
import { ones, tensor } from 'hopgrad';
import { extent, indicesOf, someNumber, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame } from '../kit/expect.ts';
import { slopes } from '../kit/slopes.ts';
import type * as Solution from './solution.ts';

const rows = (value = someNumber) =>
  fc
    .tuple(extent, extent)
    .chain(([n, v]) => fc.record({ logits: tensorOf([n, v], value), targets: indicesOf([n], v) }));

/** −3000 … 3000: e^x of most is 0 or infinite. */
const huge = someNumber.map((value) => value * 1000);

export default exercise<typeof Solution>({
  title: 'Cross-entropy and its gradient',
  chapter: 3,
  task: "Compute the loss of a language model's logits, and its gradient.",
  laws: ({ crossEntropy }) => [
    example('four classes, all alike: the loss is log 4', () => {
      const { loss, gradient } = crossEntropy(
        tensor([[0, 0, 0, 0]], { dtype: 'float64' }),
        tensor([1], { dtype: 'int32' }),
      );
      expectClose('the loss', loss, Math.log(4));
      expectClose('the gradient', gradient, tensor([[0.25, -0.75, 0.25, 0.25]], { dtype: 'float64' }));
    }),
    law("the loss is the library's", rows(), ({ logits, targets }) => {
      expectClose('the loss', crossEntropy(logits, targets).loss, logits.crossEntropy(targets).item());
    }),
    law('the gradient is the slope of the loss', rows(), ({ logits, targets }) => {
      const loss = ones([], { dtype: 'float64' });
      const [expected] = slopes((logits) => logits.crossEntropy(targets), [logits], loss);
      expectClose('the gradient', crossEntropy(logits, targets).gradient, expected, 1e-6);
    }),
    law('logits of 1000 and more overflow nothing', rows(huge), ({ logits, targets }) => {
      const { loss, gradient } = crossEntropy(logits, targets);
      expectClose('the loss', loss, logits.crossEntropy(targets).item());
      expectSame('whether the gradient is finite', gradient.toTypedArray().every(Number.isFinite), true);
    }),
  ],
});
