import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigramEntropy, TextDataset } from '../../src/data/text-dataset.ts';
import { Random } from '../../src/tensor/random.ts';

const counting = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

describe('TextDataset', () => {
  it('cuts the last tenth off for validation', () => {
    const { train, validation } = new TextDataset(counting(105));
    expect([train.length, validation.length, validation[0]]).toEqual([94, 11, 94]);
    expect(() => new TextDataset(counting(10), 1)).toThrow(/validationFraction/);
  });

  it('gives windows of the training part, with targets one token later', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.nat(8),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        (n, c, b, step) => {
          const data = new TextDataset(counting(n + 20), 0.2);
          const context = Math.min(c + 1, data.train.length - 1);
          const { inputs, targets, shape } = data.batch(step, { batchSize: b, context, seed: 4 });
          expect(shape).toEqual([b, context]);
          for (let i = 0; i < b * context; i++) {
            expect(targets[i]).toBe(inputs[i] + 1);
            if (i % context > 0) expect(inputs[i]).toBe(inputs[i - 1] + 1);
            expect(targets[i]).toBeLessThan(data.train.length);
          }
        },
      ),
    );
  });

  it('makes a batch from the seed and the step alone', () => {
    const data = new TextDataset(counting(10000));
    const options = { batchSize: 4, context: 8, seed: 1 };
    const first = data.batch(7, options);
    data.batch(8, options);
    expect(data.batch(7, options)).toEqual(first);
    expect(data.batch(8, options).inputs).not.toEqual(first.inputs);
    expect(data.batch(7, { ...options, seed: 2 }).inputs).not.toEqual(first.inputs);
    // Fixed, so that a change of the stream, which would break resuming old runs, is seen.
    expect([0, 8, 16, 24].map((i) => first.inputs[i])).toEqual([7221, 2457, 1906, 1455]);
  });

  it('reaches the first and the last training token', () => {
    const data = new TextDataset(counting(20), 0.5);
    const { inputs, targets } = data.batch(0, { batchSize: 200, context: 3, seed: 0 });
    expect([Math.min(...inputs), Math.max(...targets)]).toEqual([0, 9]);
  });

  it('cuts the validation part into windows that do not overlap, all of them or evenly spread', () => {
    const data = new TextDataset(counting(200), 0.5); // validation: 100 .. 199
    const all = data.validationBatches({ batchSize: 4, context: 10 });
    expect(all.map((batch) => batch.shape)).toEqual([
      [4, 10],
      [4, 10],
      [1, 10],
    ]); // the tenth lacks its last target
    expect(all.flatMap((batch) => [...batch.inputs])).toEqual([...counting(190).subarray(100)]);
    expect(all.flatMap((batch) => [...batch.targets])).toEqual([...counting(191).subarray(101)]);
    const some = data.validationBatches({ batchSize: 2, context: 10, limit: 2 });
    expect(some.map((batch) => [batch.inputs[0], batch.inputs[10]])).toEqual([
      [100, 120],
      [140, 160],
    ]);
    expect(data.validationBatches({ batchSize: 2, context: 10, limit: 99 }).length).toBe(5);
  });

  it('says what to do when the text is too short', () => {
    const data = new TextDataset(counting(100));
    expect(() => data.batch(0, { batchSize: 1, context: 90, seed: 0 })).toThrow(
      /the training part has 90 tokens, but one window of context 90 needs 91; use a longer text$/,
    );
    expect(() => data.validationBatches({ batchSize: 1, context: 10 })).toThrow(
      /the validation part has 10 tokens, .* use a longer text$/,
    );
    // Before a run begins, its context can still be chosen.
    expect(() => data.checkContext(10)).toThrow(
      /the validation part has 10 tokens, .* or lower the context to 9 or less/,
    );
    expect(data.checkContext(9)).toBeUndefined();
    expect(() => new TextDataset(counting(1)).checkContext(1)).toThrow(/use a longer text$/);
  });

  it('refuses sizes that are no positive whole numbers', () => {
    const data = new TextDataset(counting(100));
    for (const bad of [0, -1, 1.5, NaN]) {
      expect(() => data.batch(0, { batchSize: bad, context: 2, seed: 0 })).toThrow(/batchSize must be/);
      expect(() => data.batch(0, { batchSize: 1, context: bad, seed: 0 })).toThrow(/context must be/);
      expect(() => data.validationBatches({ batchSize: 1, context: 2, limit: bad })).toThrow(/limit must be/);
    }
  });
});

describe('bigramEntropy', () => {
  it('is the mean of add-alpha negative log probabilities, worked by hand', () => {
    // Pairs 01, 10, 00: from 0 once to 0 and once to 1; from 1 once to 0.
    const value = bigramEntropy(Int32Array.of(0, 1, 0, 0), Int32Array.of(0, 1, 1), 3, 0.5);
    expect(value).toBeCloseTo((-Math.log(1.5 / 3.5) - Math.log(0.5 / 2.5)) / 2, 14);
  });

  it('approaches the entropy of a true bigram source', () => {
    // A coin that repeats its last side with probability 0.9.
    const random = new Random(5);
    const sample = new Int32Array(50000);
    for (let i = 1; i < sample.length; i++)
      sample[i] = random.uniform() < 0.9 ? sample[i - 1] : 1 - sample[i - 1];
    const entropy = -0.9 * Math.log(0.9) - 0.1 * Math.log(0.1);
    const value = bigramEntropy(sample.subarray(0, 40000), sample.subarray(40000), 2);
    // Three standard deviations of the mean of 10,000 draws.
    expect(Math.abs(value - entropy)).toBeLessThan(3 * 0.0066);
  });

  it('is log vocabulary for what was never seen', () => {
    expect(bigramEntropy(Int32Array.of(0, 0), Int32Array.of(4, 5), 6)).toBeCloseTo(Math.log(6), 14);
  });

  it('refuses too few tokens and ids outside the vocabulary', () => {
    const ids = Int32Array.of(0, 1);
    expect(() => bigramEntropy(ids.subarray(1), ids, 2)).toThrow(/training part has 1 tokens/);
    expect(() => bigramEntropy(ids, ids.subarray(1), 2)).toThrow(/validation part has 1 tokens/);
    expect(() => bigramEntropy(ids, Int32Array.of(0, 2), 2)).toThrow(/validation id 2 at 1 is outside/);
  });
});
