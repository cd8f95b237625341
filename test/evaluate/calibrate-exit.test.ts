/** The threshold that gives a wanted number of layers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch } from '../../src/data/text-dataset.ts';
import { calibrateExit, evaluate, Random, setExitThreshold } from '../../src/index.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { anyConfig, CONTEXT, holdsFor, someConfig, VOCABULARY } from '../model/models.ts';

const router = 'early-exit';

function someText(seed: number, rows = 24): Batch {
  const random = new Random(seed);
  const draw = (): Int32Array => Int32Array.from({ length: rows * CONTEXT }, () => random.int(VOCABULARY));
  return { inputs: draw(), targets: draw(), shape: [rows, CONTEXT] };
}

const layersOf = (model: SkipTransformer, batches: readonly Batch[]): number =>
  evaluate(model, batches).density * model.config.layers;

test('is found, set, and gives the layers that were asked for', () => {
  const example = fc.record({
    config: anyConfig({ router, layers: 4 }),
    wanted: fc.double({ min: 1, max: 4, noNaN: true }),
    seed: fc.nat(1000),
  });
  holdsFor(
    'found',
    example,
    ({ config, wanted, seed }) => {
      const model = new SkipTransformer(config);
      const text = [someText(seed)];
      const { threshold, layersPerToken } = calibrateExit(model, text, wanted);
      expect(layersOf(model, text)).toBeCloseTo(layersPerToken, 6);
      expect(model.training).toBe(true);
      const again = new SkipTransformer({ ...config, exitThreshold: threshold });
      expect(layersOf(again, text)).toBeCloseTo(layersPerToken, 6);
      // 192 tokens: one that stops a layer earlier is 1/192 of a layer; others may follow it.
      expect(Math.abs(layersPerToken - wanted)).toBeLessThan(0.1);
    },
    8,
  );
});

test('both ends can be had', () => {
  const model = new SkipTransformer(someConfig({ router, layers: 3 }));
  const text = [someText(1), someText(2)];
  expect(calibrateExit(model, text, 1)).toEqual({ threshold: 0, layersPerToken: 1 });
  expect(layersOf(model, text)).toBe(1);
  expect(calibrateExit(model, text, 3).layersPerToken).toBe(3);
  expect(layersOf(model, text)).toBe(3);
});

test('what cannot be is refused in one line', () => {
  const model = new SkipTransformer(someConfig({ router, layers: 3 }));
  const other = new SkipTransformer(someConfig({ router: 'learned', layers: 3 }));
  expect(() => calibrateExit(model, [someText(1)], 0.5)).toThrow('choose from 1 to 3');
  expect(() => calibrateExit(model, [someText(1)], 3.5)).toThrow(
    '3.5 layers per token cannot be had from 3 layers',
  );
  expect(() => calibrateExit(model, [], 2)).toThrow('needs at least one batch of text');
  expect(() => calibrateExit(other, [someText(1)], 2)).toThrow(
    "a model with the router 'learned' has no exits",
  );
  expect(() => setExitThreshold(model, -1)).toThrow('threshold -1 must be 0 or more');
});
