import fc from 'fast-check';
import {
  defaultModel,
  fromTypedArray,
  noGrad,
  type RouteOptions,
  SkipTransformer,
  type Tensor,
  tensor,
  zeros,
} from 'hopgrad';
import { pick, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const size = fc.integer({ min: 1, max: 3 });
const batches = fc.tuple(size, size, size).chain(([batch, tokens, classes]) =>
  fc.record({
    logits: tensorOf([batch, tokens, classes]),
    x: tensorOf([batch, tokens, 2]),
    y: tensorOf([batch, tokens, 2]),
    threshold: fc.constantFrom(0.4, 0.6, 0.8),
  }),
);

/** What a router is told, of tokens of which the model would say this. */
const saying = (logits: Tensor): RouteOptions => ({
  random: null,
  temperature: 1,
  noiseScale: 1,
  densityProgress: 1,
  start: 0,
  valid: null,
  exitLogits: () => logits,
});

export default exercise<typeof Solution>({
  title: 'Confident tokens skip',
  chapter: 10,
  task: 'Write a router that lets a token skip a layer when the model is sure of what comes next.',
  laws: ({ ConfidentSkip }) => [
    example(
      'threshold 0.7; probabilities (0.9, 0.1) and (0.5, 0.5): the first token skips, the second runs',
      () => {
        const logits = tensor(
          [
            [
              [Math.log(9), 0],
              [0, 0],
            ],
          ],
          { dtype: 'float64' },
        );
        const { active } = new ConfidentSkip(0.7).route(
          zeros([1, 2, 4], { dtype: 'float64' }),
          saying(logits),
        );
        expectSame('the shape of active', [...active.shape], [1, 2, 1]);
        expectSame('its dtype', active.dtype, 'bool');
        expectSame('active', active.to('int32').toArray(), [[[0], [1]]]);
      },
    ),
    example('a probability that reaches the threshold exactly is enough', () => {
      const { active } = new ConfidentSkip(0.5).route(zeros([1, 1, 4]), saying(zeros([1, 1, 2])));
      expectSame('active', active.to('int32').toArray(), [[[0]]]);
    }),
    law(
      'a token runs where its largest probability is below the threshold',
      pick(batches, 'logits', 'x', 'threshold'),
      ({ logits, x, threshold }) => {
        const { active } = new ConfidentSkip(threshold).route(x, saying(logits));
        const expected = (logits.toArray() as number[][][]).map((text) =>
          text.map((row) => {
            const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
            return [Math.exp(Math.max(...row)) / sum < threshold ? 1 : 0];
          }),
        );
        expectSame('active', active.to('int32').toArray(), expected);
      },
    ),
    law('output and density follow', batches, ({ logits, x, y, threshold }) => {
      const { active, combine, density } = new ConfidentSkip(threshold).route(x, saying(logits));
      expectClose('combine(x, y)', combine(x, y), active.where(y, x));
      expectClose('the density', density.item(), active.to('float64').mean().item(), 1e-6);
    }),
    law(
      'the exit logits are handed on',
      pick(batches, 'logits', 'x', 'threshold'),
      ({ logits, x, threshold }) => {
        const { exitLogits } = new ConfidentSkip(threshold).route(x, saying(logits));
        expectClose('route.exitLogits', exitLogits, logits);
      },
    ),
    example('in a model: at 0 every token skips, above 1 none does', () => {
      const ids = fromTypedArray(Int32Array.of(1, 5, 9, 13), [1, 4]);
      const densities = [0, 1.01].map((threshold) => {
        const model = new SkipTransformer({
          ...defaultModel,
          layers: 2,
          dim: 8,
          heads: 2,
          context: 8,
        }).eval();
        for (const layer of model.layers) layer.router = new ConfidentSkip(threshold).eval();
        return noGrad(() => model.forward(ids).routes.map(({ density }) => density.item()));
      });
      expectSame('the densities of both layers, at 0 and at 1.01', densities, [
        [0, 0],
        [1, 1],
      ]);
    }),
  ],
});
