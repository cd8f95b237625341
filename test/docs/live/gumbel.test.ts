/** The page's estimators: unbiased where mathematics says so, biased by as much as it says elsewhere. */
import { describe, expect, test } from 'vitest';
import {
  compareEstimators,
  drawGumbel,
  enumerate,
  inTriangle,
  type Problem,
  softmaxOf,
} from '../../../docs/.vitepress/theme/live/gumbel.ts';

const logits = [1, 0, -0.5];
const problem: Problem = { gates: 1, theta: 0.8, x: 0.5, y: 2, target: 1.5, loss: 'squared error' };
const draws = { temperature: 0.7, count: 20_000, seed: 5 };
const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));

describe('draws of Gumbel-softmax', () => {
  test('argmax has the frequencies of softmax, at any temperature', () => {
    const expected = softmaxOf(logits);
    expect(expected[0]).toBeCloseTo(Math.exp(1) / (Math.exp(1) + 1 + Math.exp(-0.5)), 12);
    for (const temperature of [0.1, 1, 5]) {
      const { frequencies } = drawGumbel(logits, { temperature, count: 20_000, seed: 1 });
      frequencies.forEach((frequency, i) => {
        expect(Math.abs(frequency - expected[i])).toBeLessThan(
          4 * Math.sqrt((expected[i] * (1 - expected[i])) / 20_000),
        );
      });
    }
  });

  test('soft draws add up to 1, lean to the choice, and sharpen as the temperature falls', () => {
    const at = (temperature: number) => drawGumbel(logits, { temperature, count: 500, seed: 1 });
    for (const { soft, choices } of [at(0.2), at(2)]) {
      soft.forEach((chances, n) => {
        expect(chances.reduce((sum, chance) => sum + chance)).toBeCloseTo(1, 12);
        expect(chances.indexOf(Math.max(...chances))).toBe(choices[n]);
      });
    }
    expect(at(0.2).choices).toEqual(at(2).choices);
    expect(at(0.05).sharpness).toBeGreaterThan(at(0.5).sharpness);
    expect(at(0.5).sharpness).toBeGreaterThan(at(5).sharpness);
  });

  test('corners of the triangle', () => {
    expect(inTriangle([1, 0, 0])).toEqual({ x: 0, y: 1 });
    expect(inTriangle([0, 1, 0])).toEqual({ x: 1, y: 1 });
    expect(inTriangle([0, 0, 1]).x).toBe(0.5);
  });
});

describe('the exact gradient', () => {
  test('one gate: p (1 − p) (loss of y − loss of x)', () => {
    const p = sigmoid(0.8);
    const { expectedLoss, gradient, open } = enumerate(problem);
    expect(open).toBeCloseTo(p, 12);
    expect(expectedLoss).toBeCloseTo(p * 0.25 + (1 - p) * 1, 12);
    expect(gradient).toBeCloseTo(p * (1 - p) * (0.25 - 1), 12);
  });

  test('three gates: finite differences of the binomial sum', () => {
    const three: Problem = { ...problem, gates: 3, loss: 'fourth power' };
    const expected = (theta: number) => {
      const p = sigmoid(theta);
      return [1, 3, 3, 1].reduce((sum, ways, k) => {
        const out = (k * 2 + (3 - k) * 0.5) / 3;
        return sum + ways * p ** k * (1 - p) ** (3 - k) * (out - 1.5) ** 4;
      }, 0);
    };
    const { expectedLoss, gradient } = enumerate(three);
    expect(expectedLoss).toBeCloseTo(expected(0.8), 12);
    expect(gradient).toBeCloseTo((expected(0.8 + 1e-5) - expected(0.8 - 1e-5)) / 2e-5, 8);
  });
});

describe('estimators', () => {
  const computed = new Map<string, ReturnType<typeof compareEstimators>>();
  const of = (name: string, changed: Partial<Problem> = {}, temperature = draws.temperature) => {
    const key = JSON.stringify([changed, temperature]);
    if (!computed.has(key)) {
      computed.set(key, compareEstimators({ ...problem, ...changed }, { ...draws, temperature }));
    }
    return computed.get(key)!.figures.find((one) => one.name === name)!;
  };

  test.each([1, 2, 3])(
    'the score function is unbiased, with %i gates; a baseline makes it quieter',
    (gates) => {
      const [plain, quiet] = [of('score function', { gates }), of('score function, baseline', { gates })];
      expect(Math.abs(plain.bias)).toBeLessThan(4 * plain.standardError);
      expect(Math.abs(quiet.bias)).toBeLessThan(4 * quiet.standardError);
      expect(quiet.spread).toBeLessThan(plain.spread);
    },
  );

  test('straight-through is exact where the loss is linear, and off by its slopes elsewhere', () => {
    const linear = of('straight-through', { loss: 'the output itself' });
    expect(linear.bias).toBeCloseTo(0, 12);
    expect(linear.spread).toBeCloseTo(0, 7);
    // E = p (1 − p) (y − x) · (p · slope at y + (1 − p) · slope at x)
    const p = sigmoid(0.8);
    const expected = p * (1 - p) * 1.5 * (p * 2 * 0.5 + (1 - p) * 2 * -1);
    const { mean, standardError, biased } = of('straight-through');
    expect(Math.abs(mean - expected)).toBeLessThan(4 * standardError);
    expect(biased).toBe(true);
  });

  test('straight-through is unbiased at even chances for a square, not for a fourth power', () => {
    expect(of('straight-through', { theta: 0 }).biased).toBe(false);
    expect(of('straight-through', { theta: 0, loss: 'fourth power' }).biased).toBe(true);
  });

  test('the relaxed gradient comes nearer and grows noisier as the temperature falls', () => {
    const [cold, warm] = [of('relaxed', {}, 0.1), of('relaxed', {}, 2)];
    expect(Math.abs(cold.bias)).toBeLessThan(Math.abs(warm.bias));
    expect(cold.spread).toBeGreaterThan(warm.spread);
  });

  test('Gumbel-softmax ST tends to the mean of the slopes at x and y: exact for a square, not for a fourth power', () => {
    const square = of('Gumbel-softmax ST', {}, 0.05);
    expect(Math.abs(square.bias)).toBeLessThan(4 * square.standardError);
    const fourth = of('Gumbel-softmax ST', { loss: 'fourth power' }, 0.05);
    const p = sigmoid(0.8);
    const limit = p * (1 - p) * 1.5 * ((4 * 0.5 ** 3 + 4 * (-1) ** 3) / 2);
    expect(Math.abs(fourth.mean - limit)).toBeLessThan(4 * fourth.standardError);
    expect(fourth.biased).toBe(true);
    expect(of('relaxed', { loss: 'fourth power' }, 0.05).biased).toBe(false);
  });

  test('taken-branch is fooled by an output that is added to both branches', () => {
    const shifted = { x: 10.5, y: 12, target: 11.5 };
    expect(of('taken-branch', shifted).spread).toBeGreaterThan(3 * of('taken-branch').spread);
    expect(of('straight-through', shifted).mean).toBeCloseTo(of('straight-through').mean, 9);
  });
});
