import { describe, expect, test } from 'vitest';
import { gradcheck, gradients, ones, Random, type Tensor } from '../../src/index.ts';
import { expectClose, f64, flat, i32, slope } from './numbers.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('softmax', () => {
  test('is stable far out, and NaN for a row of −∞ alone', () => {
    const x = f64([[1e4, 1e4], [-1e4, -1e4], [-inf, 0], [-inf, -inf]]); // biome-ignore format: rows
    expectClose(x.softmax(), [0.5, 0.5, 0.5, 0.5, 0, 1, nan, nan]);
    expectClose(x.logSoftmax(), [-Math.LN2, -Math.LN2, -Math.LN2, -Math.LN2, -inf, 0, nan, nan]);
    expectClose(x.slice(0, 0, 2).softmax(0), [1, 1, 0, 0]);
  });
});

describe('norms', () => {
  test('rmsNorm divides by the root mean square', () => {
    const x = f64([[3, 4], [0, 0]]); // biome-ignore format: one line
    const rms = Math.sqrt(12.5 + 1e-5);
    expectClose(x.rmsNorm(f64([1, 2])), [3 / rms, 8 / rms, 0, 0]);
    expect(() => x.rmsNorm(f64([1]))).toThrow(
      'rmsNorm: weight (1) must be (2), like the last axis of x (2, 2).',
    );
  });

  test('layerNorm, and one type for all', () => {
    const [weight, bias] = [f64([1, 1]), f64([0, 5])];
    expectClose(f64([[1, 3]]).layerNorm(weight, bias, 0), [-1, 6]);
    expect(() => f64([[1, 3]]).layerNorm(weight.to('float32'), bias)).toThrow(
      'layerNorm: takes tensors that are all float32 or all float64, not x float64, weight float32, bias float64.',
    );
  });
});

describe('dropout', () => {
  test('keeps the mean, drops the rest, and repeats with its seed', () => {
    const x = ones([10_000]);
    const y = x.dropout(0.25, new Random(1));
    const kept = flat(y).filter((value) => value !== 0);
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / 0.75)]));
    expect(Math.abs(kept.length - 7500)).toBeLessThan(200);
    expect(flat(x.dropout(0.25, new Random(1)))).toEqual(flat(y));
    expectClose(
      slope((t) => t.dropout(0.25, new Random(1)), x),
      flat(y),
    );
  });

  test('is the identity at 0 and all zeros at 1, infinities included', () => {
    const x = f64([inf, 2]);
    expect(x.dropout(0, new Random(1))).toBe(x);
    expect(flat(x.dropout(1, new Random(1)))).toEqual([0, 0]);
    expect(() => x.dropout(1.5, new Random(1))).toThrow('dropout: p 1.5 must be a probability from 0 to 1.');
  });
});

describe('losses', () => {
  const logits = f64([[1, 2, 3], [0, 0, 0], [5, 1, 1]]); // biome-ignore format: rows
  const targets = i32([2, -100, 1]);
  const logSum = (row: number[]): number => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));

  test('crossEntropy is nllLoss of logSoftmax, rows to be ignored left out', () => {
    const expected = (logSum([1, 2, 3]) - 3 + logSum([5, 1, 1]) - 1) / 2;
    expectClose(logits.crossEntropy(targets), expected);
    expectClose(logits.logSoftmax().nllLoss(targets), expected);
    expectClose(logits.crossEntropy(i32([7, 7, 7]), { ignoreIndex: 7 }), nan);
    const report = gradcheck((x) => x.crossEntropy(targets), [logits], { order: 2 });
    expect(report.message).toContain('right');
  });

  test('an ignored row has gradient 0, whatever stands in it and where no other counts', () => {
    const scores = f64([[1, 2], [-inf, -inf]]); // biome-ignore format: rows
    const recorded = (loss: (x: Tensor) => Tensor): Tensor => {
      const leaf = scores.detach();
      leaf.requiresGrad = true;
      return gradients(loss(leaf), [leaf], { createGraph: true })[0];
    };
    for (const targets of [i32([-100, -100]), i32([1, -100])]) {
      const first = targets.toTypedArray()[0] === 1 ? flat(scores.slice(0, 0, 1).softmax())[0] : 0;
      const crossEntropy = (x: Tensor): Tensor => x.crossEntropy(targets);
      expectClose(slope(crossEntropy, scores), [first, -first, 0, 0]);
      expectClose(recorded(crossEntropy), [first, -first, 0, 0]);
    }
    expectClose(
      slope((x) => x.nllLoss(i32([-100, -100])), scores),
      [0, 0, 0, 0],
    );
  });

  test('targets outside the classes are refused rather than read from the next row', () => {
    expect(() => logits.crossEntropy(i32([0, 3, 0]))).toThrow(
      'crossEntropy: index 3 is outside axis 1 of scores (3, 3): indices go from 0 to 2.',
    );
    expect(() => logits.nllLoss(i32([0]))).toThrow(
      'nllLoss: takes scores (N, V) and targets (N), not (3, 3) and (1).',
    );
  });

  test('mseLoss compares equal shapes only', () => {
    expectClose(f64([1, 4]).mseLoss(f64([3, 4])), 2);
    expect(() => f64([[1], [4]]).mseLoss(f64([3, 4]))).toThrow(
      'mseLoss: (2, 1) and (2) must be one shape; a loss does not broadcast. Did you mean target.reshape([2, 1])?',
    );
  });

  test('binaryCrossEntropyWithLogits is exact where one side of the logarithm rounds', () => {
    const x = f64([40, -40, 40, -40, 1e4, -1e4, 0]);
    const t = f64([1, 0, 0, 1, 0, 0, 0.5]);
    const tail = Math.log1p(Math.exp(-40));
    const losses = [tail, tail, 40 + tail, 40 + tail, 1e4, 0, Math.LN2];
    losses.forEach((loss, i) => {
      const single = x
        .slice(0, i, i + 1)
        .binaryCrossEntropyWithLogits(t.slice(0, i, i + 1))
        .item();
      expect(Math.abs(single - loss)).toBeLessThanOrEqual(1e-14 * loss);
    });
    expectClose(
      slope((y) => y.binaryCrossEntropyWithLogits(t).mul(7), x),
      [-Math.exp(-40), Math.exp(-40), 1, -1, 1, 0, 0],
    );
  });
});

test('logSoftmax and softmax run along the last axis of any rank', () => {
  const x = f64([1, 2, 3, 4, 5, 6, 7, 9]).reshape([2, 2, 2]);
  expectClose(x.logSoftmax().exp().sum(-1), [1, 1, 1, 1]);
  expectClose(x.softmax().sum(-1), [1, 1, 1, 1]);
});
