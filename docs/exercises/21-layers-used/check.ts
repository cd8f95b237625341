import fc from 'fast-check';
import { defaultModel, fromTypedArray, SkipTransformer, type Tensor, tensor } from 'hopgrad';
import { maskOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame, expectTensor } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const models = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    routes: fc.array(fc.option(maskOf([...shape, 1]), { freq: 3 }), { maxLength: 4 }),
  }),
);

export default exercise<typeof Solution>({
  title: 'Layers used',
  chapter: 7,
  task: 'Count how many layers each token ran.',
  laws: ({ layersUsed }) => [
    example('two tokens; both run the first layer, the second one the other as well', () => {
      const routes = [tensor([[[true], [true]]]), tensor([[[false], [true]]])];
      const used = layersUsed(routes, [1, 2]);
      expectTensor('layersUsed(routes, [1, 2])', used);
      expectSame('layersUsed(routes, [1, 2])', used.toArray(), [[1, 2]]);
    }),
    law(
      "every token's count is right; a layer without a router counts for all",
      models,
      ({ shape, routes }) => {
        const masks = routes.map((route) => route?.toTypedArray() ?? null);
        const [batch, tokens] = shape;
        const expected = Array.from({ length: batch }, (_, b) =>
          Array.from({ length: tokens }, (_, t) =>
            masks.reduce((count, mask) => count + (mask ? mask[b * tokens + t] : 1), 0),
          ),
        );
        expectSame('the counts', layersUsed(routes, shape).toArray(), expected);
      },
    ),
    law(
      "over a model's tokens the mean is the sum of its layers' densities",
      fc.record({ seed: fc.nat(99) }),
      ({ seed }) => {
        const model = new SkipTransformer({
          ...defaultModel,
          layers: 4,
          dim: 8,
          heads: 2,
          context: 16,
          seed,
        }).eval();
        const ids = fromTypedArray(
          Int32Array.from({ length: 20 }, (_, i) => (37 * i) % 200),
          [2, 10],
        );
        const { routes } = model.forward(ids);
        const used: Tensor = layersUsed(
          routes.map(({ active }) => active),
          [2, 10],
        );
        const densities = routes.reduce((sum, { density }) => sum + density.item(), 0);
        expectClose('the mean', used.to('float32').mean().item(), densities, 1e-6);
      },
      { runs: 5 },
    ),
  ],
});
