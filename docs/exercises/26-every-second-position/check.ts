import fc from 'fast-check';
import {
  cat,
  defaultModel,
  fromTypedArray,
  noGrad,
  ones,
  type RouteOptions,
  SkipTransformer,
  type Tensor,
  zeros,
} from 'hopgrad';
import { maskOf, pick, tensorOf } from '../kit/draw.ts';
import { example, exercise, law } from '../kit/exercise.ts';
import { expectClose, expectSame } from '../kit/expect.ts';
import type * as Solution from './solution.ts';

const size = fc.integer({ min: 1, max: 4 });
const batches = fc.tuple(size, size, size).chain(([batch, tokens, dim]) =>
  fc.record({
    x: tensorOf([batch, tokens, dim]),
    y: tensorOf([batch, tokens, dim]),
    start: fc.nat(3),
    valid: maskOf([batch, tokens, 1]),
  }),
);

/** What a router is told where nothing special is going on. */
const options: RouteOptions = {
  random: null,
  temperature: 1,
  noiseScale: 1,
  densityProgress: 1,
  start: 0,
  valid: null,
  exitLogits: () => {
    throw new Error('this router has no need of exit logits');
  },
};

/** Which tokens run, text by text. */
function expectedMask([batch, tokens]: readonly number[], start: number): number[][] {
  return Array.from({ length: batch }, () =>
    Array.from({ length: tokens }, (_, t) => ((start + t) % 2 === 0 ? 1 : 0)),
  );
}

const rowsOf = (mask: Tensor): unknown => mask.squeeze(-1).to('int32').toArray();

export default exercise<typeof Solution>({
  title: 'A router that skips every second position',
  chapter: 10,
  task: 'Write a router of your own: tokens at even positions run, the others skip.',
  laws: ({ EverySecondPosition }) => [
    example('five tokens of a text: the first, third and fifth run', () => {
      const { active } = new EverySecondPosition().route(zeros([1, 5, 2]), options);
      expectSame('the shape of active', [...active.shape], [1, 5, 1]);
      expectSame('its dtype', active.dtype, 'bool');
      expectSame('active', rowsOf(active), [[1, 0, 1, 0, 1]]);
    }),
    law(
      'the position counts, from `start` on, in every text of the batch',
      pick(batches, 'x', 'start'),
      ({ x, start }) => {
        const { active } = new EverySecondPosition().route(x, { ...options, start });
        expectSame('active', rowsOf(active), expectedMask(x.shape, start));
      },
    ),
    law(
      'the output is y where a token runs and x where it skips',
      pick(batches, 'x', 'y', 'start'),
      ({ x, y, start }) => {
        const { active, combine } = new EverySecondPosition().route(x, { ...options, start });
        expectClose('combine(x, y)', combine(x, y), active.where(y, x));
      },
    ),
    law('the density is the share of tokens that run', pick(batches, 'x', 'start'), ({ x, start }) => {
      const { active, density } = new EverySecondPosition().route(x, { ...options, start });
      expectClose('the density', density.item(), active.to('float64').mean().item(), 1e-6);
    }),
    law('padding is left out of the density', pick(batches, 'x', 'start', 'valid'), ({ x, start, valid }) => {
      const real = valid.to('float64').sum().item();
      if (real === 0) return;
      const { density } = new EverySecondPosition().route(x, { ...options, start, valid });
      const mask = fromTypedArray(Float64Array.from(expectedMask(x.shape, start).flat()), valid.shape);
      expectClose('the density', density.item(), mask.mul(valid.to('float64')).sum().item() / real, 1e-6);
    }),
    law(
      'in a model, reading a text token by token gives what reading it at once gives',
      fc.record({ tokens: fc.integer({ min: 1, max: 7 }), seed: fc.nat(99) }),
      ({ tokens, seed }) => {
        const model = new SkipTransformer({
          ...defaultModel,
          layers: 2,
          dim: 8,
          heads: 2,
          context: 8,
          seed,
        }).eval();
        for (const layer of model.layers) layer.router = new EverySecondPosition().eval();
        const ids = fromTypedArray(
          Int32Array.from({ length: tokens }, (_, t) => 7 * t + seed),
          [1, tokens],
        );
        noGrad(() => {
          const caches = model.makeCaches(1);
          const steps = Array.from(
            { length: tokens },
            (_, t) => model.forward(ids.slice(1, t, t + 1), { caches }).logits,
          );
          expectClose('the logits', cat(steps, 1), model.forward(ids).logits, 1e-4);
        });
      },
      { runs: 10 },
    ),
    example('nobody reads the branch of a token that skipped', () => {
      const { readsSkipped } = new EverySecondPosition().route(ones([1, 2, 2]), options);
      expectSame('readsSkipped', readsSkipped, false);
    }),
  ],
});
