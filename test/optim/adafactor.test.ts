import { describe, expect, it } from 'vitest';
import { Adafactor, type AdafactorOptions } from '../../src/optim/adafactor.ts';
import { inverseSquareRoot } from '../../src/optim/schedule.ts';
import {
  cases,
  draw,
  dtypes,
  expectClose,
  parameterOf,
  play,
  problem,
  rootMeanSquare,
  sizeOf,
} from './support.ts';

type Settings = Required<Omit<AdafactorOptions, 'decayExponent'>> & { decayExponent?: number };

const defaults: Settings = {
  beta2: 0.99,
  clipThreshold: 1,
  parameterScaling: false,
  epsilon1: 1e-30,
  epsilon2: 1e-3,
  weightDecay: 0,
};

/** How much each gradient so far counts in the average of its square; together they are 1. */
function weights(steps: number, { beta2, decayExponent }: Settings): number[] {
  if (decayExponent === undefined) {
    // An exponential average over all steps, divided by the weight it has gathered.
    const raw = Array.from({ length: steps }, (_, i) => beta2 ** (steps - 1 - i));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return raw.map((weight) => weight / total);
  }
  const result: number[] = [];
  for (let t = 1; t <= steps; t++) {
    const decay = 1 - t ** -decayExponent;
    for (let i = 0; i < result.length; i++) result[i] *= decay;
    result.push(1 - decay);
  }
  return result;
}

/** Algorithms 4 and 5 of Shazeer & Stern with sums over rows and columns, number by number. */
function expected(
  shape: readonly number[],
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  rates: readonly number[],
  settings: Settings,
): number[] {
  let theta = [...start];
  for (let t = 1; t <= gradients.length; t++) {
    const weight = weights(t, settings);
    const v = theta.map((_, i) =>
      weight.reduce((sum, w, k) => sum + w * (gradients[k][i] ** 2 + settings.epsilon1), 0),
    );
    const estimate = shape.length < 2 ? v : factored(v, shape[shape.length - 2], shape[shape.length - 1]);
    const u = gradients[t - 1].map((g, i) => g / Math.sqrt(estimate[i]));
    const clip = Math.max(1, rootMeanSquare(u) / settings.clipThreshold);
    const scale = settings.parameterScaling ? Math.max(settings.epsilon2, rootMeanSquare(theta)) : 1;
    const rate = rates[t - 1];
    theta = theta.map(
      (value, i) => value - rate * settings.weightDecay * value - (rate * scale * u[i]) / clip,
    );
  }
  return theta;
}

/** R C / 1ᵀR of each (n, m) matrix. */
function factored(v: readonly number[], n: number, m: number): number[] {
  const result: number[] = [];
  for (let base = 0; base < v.length; base += n * m) {
    const rows = new Array<number>(n).fill(0);
    const columns = new Array<number>(m).fill(0);
    let total = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        const value = v[base + i * m + j];
        rows[i] += value;
        columns[j] += value;
        total += value;
      }
    }
    for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) result.push((rows[i] * columns[j]) / total);
  }
  return result;
}

const variants: [name: string, options: AdafactorOptions][] = [
  ['by default', {}],
  ['under the decay schedule', { decayExponent: 0.8 }],
  ['with parameter scaling', { parameterScaling: true }],
  ['with a tighter clip and weight decay', { clipThreshold: 0.5, weightDecay: 0.3 }],
  ['without clipping', { clipThreshold: Number.POSITIVE_INFINITY, beta2: 0.6 }],
  ['with large epsilons', { epsilon1: 0.5, epsilon2: 3, parameterScaling: true }],
];

describe.each(variants)('Adafactor %s', (_, options) => {
  it.each(cases)('follows the algorithm: $shape $dtype', ({ shape, dtype }) => {
    const { start, gradients, rates } = problem(shape, 6);
    const parameter = parameterOf(start, shape, dtype);
    play(new Adafactor([['w', parameter]], options), parameter, gradients, rates);
    expectClose(parameter, expected(shape, start, gradients, rates, { ...defaults, ...options }));
  });
});

describe('Adafactor', () => {
  it('keeps n + m numbers for an (n, m) matrix, and all of a vector', () => {
    const parameters = ([[30, 40], [2, 3, 4], [7], []] as const).map(
      (shape) => [`p${shape.length}`, parameterOf(draw(sizeOf(shape), 0), shape, 'float32')] as const,
    );
    const state = new Adafactor(parameters).stateDict();
    const shapes = Object.fromEntries([...state].map(([name, value]) => [name, value.shape]));
    expect(shapes).toEqual({
      'p2.step': [],
      'p2.exponentialAverageSquareRow': [30],
      'p2.exponentialAverageSquareColumn': [40],
      'p3.step': [],
      'p3.exponentialAverageSquareRow': [2, 3],
      'p3.exponentialAverageSquareColumn': [2, 4],
      'p1.step': [],
      'p1.exponentialAverageSquare': [7],
      'p0.step': [],
      'p0.exponentialAverageSquare': [],
    });
  });

  it.each(dtypes)('first moves by the sign of a gradient whose squares have rank one: %s', (dtype) => {
    const gradient = [3, -6, 0.5, 1]; // (3, 0.5)ᵀ (1, 2) up to signs
    const parameter = parameterOf([0, 0, 0, 0], [2, 2], dtype);
    play(new Adafactor([['w', parameter]]), parameter, [gradient], [0.5]);
    expectClose(parameter, [-0.5, 0.5, -0.5, -0.5]);
  });

  it('lets no surprising gradient move the parameter by more than the learning rate', () => {
    const parameter = parameterOf([0], [], 'float64');
    const optimizer = new Adafactor([['w', parameter]]);
    play(optimizer, parameter, [[1], [1], [1e6]], [0, 0, 0.125]);
    expectClose(parameter, [-0.125]);
    const unclipped = parameterOf([0], [], 'float64');
    const free = new Adafactor([['w', unclipped]], { clipThreshold: Number.POSITIVE_INFINITY });
    play(free, unclipped, [[1], [1], [1e6]], [0, 0, 0.125]);
    expect(unclipped.item()).toBeLessThan(-0.2); // √3 times as far
  });

  it.each(dtypes)('stands still where all gradients are 0: %s', (dtype) => {
    const zeros = [0, 0, 0, 0, 0, 0];
    const parameter = parameterOf([1, 2, 3, 4, 5, 6], [2, 3], dtype);
    play(new Adafactor([['w', parameter]]), parameter, [zeros, zeros], [0.1, 0.1]);
    expectClose(parameter, [1, 2, 3, 4, 5, 6]);
  });

  it("has the paper's relative step size as parameter scaling under a schedule", () => {
    const schedule = inverseSquareRoot({ peak: 0.01, warmup: 10_000 });
    for (const t of [1, 2, 9_999, 10_000, 10_001, 40_000, 1e6]) {
      expect(schedule(t - 1)).toBeCloseTo(Math.min(1e-2, 1 / Math.sqrt(t)), 15);
    }
  });

  it('refuses a beta2 of 1', () => {
    const parameters = [['w', parameterOf([1], [1], 'float32')]] as const;
    expect(() => new Adafactor(parameters, { beta2: 1 })).toThrow(
      'Adafactor: beta2 must be in [0, 1), not 1.',
    );
  });
});
