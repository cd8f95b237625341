/** The loss, and what a measurement on held-out text adds up. */
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../src/data/text-dataset.ts';
import { batchTensors, evaluate, mean, nextTokenLoss } from '../../src/evaluate/evaluate.ts';
import { fromTypedArray, noGrad, Random, randn, type Tensor } from '../../src/index.ts';
import { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { someConfig, VOCABULARY } from '../model/models.ts';

/** A batch of random text. */
function batch(seed: number, rows: number, tokens: number): Batch {
  const random = new Random(seed);
  const draw = (): Int32Array => Int32Array.from({ length: rows * tokens }, () => random.int(VOCABULARY));
  return { inputs: draw(), targets: draw(), shape: [rows, tokens] };
}

test('a batch as tensors: ids (B, T), and targets (B T) in the same order', () => {
  const { ids, targets } = batchTensors({
    inputs: Int32Array.of(1, 2, 3, 4, 5, 6),
    targets: Int32Array.of(2, 3, 9, 5, 6, 9),
    shape: [2, 3],
  });
  expect(ids.toArray()).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect([ids.dtype, targets.dtype, targets.toArray()]).toEqual(['int32', 'int32', [2, 3, 9, 5, 6, 9]]);
});

test('the next-token loss is the mean over all tokens of −log softmax at what came next', () => {
  const logits = randn([2, 3, 5], new Random(1), { dtype: 'float64' });
  const targets = fromTypedArray(Int32Array.of(0, 4, 2, 2, 1, 3), [6]);
  const rows = logits.toArray() as number[][][];
  const expected = [...targets.toTypedArray()].map((target, i) => {
    const row = rows[Math.floor(i / 3)][i % 3];
    return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[target];
  });
  expect(nextTokenLoss(logits, targets).item()).toBeCloseTo(mean(expected), 12);
});

test('the mean of numbers', () => {
  expect(mean([1, 2, 6])).toBe(3);
});

// Of different sizes: every token counts the same, whichever batch it stands in.
const batches = [batch(1, 1, 3), batch(2, 3, 8), batch(3, 2, 5)];
const tokens = 3 + 24 + 10;

/** A model, what is measured of it, and what each batch gives by itself. */
const measurements = (['learned', 'random', 'none'] as const).map((router) => {
  const model = new SkipTransformer(someConfig({ router, layers: 2, density: 0.5 })).train();
  const measured = evaluate(model, batches);
  const alone = batches.map((one) => {
    const { ids, targets } = batchTensors(one);
    const { logits, routes, flops } = noGrad(() => model.eval().forward(ids));
    const active = routes.map((route): number[] => [...route.active.toTypedArray()]);
    return { count: ids.size, loss: nextTokenLoss(logits, targets).item(), active, flops };
  });
  return { router, model, measured, alone };
});

describe.each(measurements)(
  'a measurement of a model with router $router',
  ({ router, model, measured, alone }) => {
    const weighted = (of: (one: (typeof alone)[number]) => number): number =>
      alone.reduce((sum, one) => sum + of(one) * one.count, 0) / tokens;

    test('has the loss and the FLOPs of all tokens together', () => {
      expect(measured.tokens).toBe(tokens);
      expect(measured.loss).toBeCloseTo(
        weighted(({ loss }) => loss),
        5,
      );
      expect(measured.flopsPerToken).toBeCloseTo(
        weighted(({ flops }) => flops.executed),
        6,
      );
      expect(measured.denseFlopsPerToken).toBeCloseTo(
        weighted(({ flops }) => flops.dense),
        6,
      );
    });

    test('has the share of tokens that ran each layer, and their mean; 1 where nothing is routed', () => {
      const layers = router === 'none' ? [] : [0, 1];
      const shares = layers.map(
        (layer) => alone.flatMap(({ active }) => active[layer]).reduce((a, b) => a + b) / tokens,
      );
      expect(measured.densityPerLayer).toHaveLength(shares.length);
      shares.forEach((share, layer) => {
        expect(measured.densityPerLayer[layer]).toBeCloseTo(share, 6);
      });
      expect(measured.density).toBeCloseTo(router === 'none' ? 1 : mean(shares), 6);
    });

    test('leaves the model in the mode it was in, a text that it cannot read included', () => {
      const unreadable = { ...batches[0], inputs: Int32Array.of(0, 0, VOCABULARY) };
      for (const training of [true, false]) {
        model.train(training);
        expect(() => evaluate(model, [unreadable])).toThrow(`index ${VOCABULARY} is outside`);
        expect(model.training).toBe(training);
      }
    });

    test('leaves the model in the mode it was in, and asks for no gradient', () => {
      for (const training of [true, false]) {
        model.train(training);
        evaluate(model, batches.slice(0, 1));
        expect(model.training).toBe(training);
      }
      expect(model.parameters().every((x: Tensor) => x.grad === null)).toBe(true);
    });
  },
);
