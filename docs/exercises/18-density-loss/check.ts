import fc from 'fast-check';
import { full, gradients, densityLoss as ofLibrary, ones, zeros } from 'hopgrad';
import { extent, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectTensor, expectThat } from '../kit/expect.ts';
import { slopes } from '../kit/slopes.ts';
import type * as Solution from './solution.ts';

const zeroOrOne = fc.constantFrom(0, 1);
const models = (value: fc.Arbitrary<number> = zeroOrOne) =>
  fc.tuple(extent, extent, extent).chain(([layers, batch, tokens]) =>
    fc.record({
      masks: fc.array(tensorOf([batch, tokens, 1], value), { minLength: layers, maxLength: layers }),
      target: fc.constantFrom(0.25, 0.5, 0.75),
    }),
  );

const float64 = { dtype: 'float64' } as const;

export default exercise<typeof Solution>({
  title: 'The density loss',
  chapter: 7,
  task: 'Write the loss that pulls the share of tokens which run a layer towards its target.',
  laws: ({ densityLoss }) => [
    example('a layer that all run and one that all skip, P = ½: ¼ + ¼', () => {
      const masks = [ones([1, 2, 1], float64), zeros([1, 2, 1], float64)];
      const loss = densityLoss(masks, 0.5);
      expectTensor('densityLoss([ones, zeros], 0.5)', loss);
      expectClose('densityLoss([ones, zeros], 0.5)', loss.item(), 0.5);
    }),
    example('a layer at its target costs nothing', () => {
      expectClose('the loss', densityLoss([full([1, 2, 1], 0.5, float64)], 0.5).item(), 0);
    }),
    law("it is the library's", models(), ({ masks, target }) => {
      const shares = masks.map((mask) => mask.mean());
      expectClose('the loss', densityLoss(masks, target), ofLibrary(shares, target));
    }),
    law(
      'its gradient reaches every mask',
      models(fc.constantFrom(0, 0.25, 0.5, 1)),
      ({ masks, target }) => {
        const leaves = masks.map((mask) => mask.add(0));
        for (const leaf of leaves) leaf.requiresGrad = true;
        const loss = densityLoss(leaves, target);
        expectThat(loss.requiresGrad, 'whether a gradient flows', 'one to the masks', 'none');
        const found = gradients(loss, leaves);
        const expected = slopes((...masks) => densityLoss(masks, target), masks, ones([], float64));
        found.forEach((slope, layer) => {
          expectClose(`the gradient of the mask of layer ${layer}`, slope, expected[layer], 1e-6);
        });
      },
      { runs: 50 },
    ),
  ],
});
