import { describe, expect, it } from 'vitest';
import { AdamW } from '../../src/optim/adamw.ts';
import { cases, dtypes, expectClose, parameterOf, play, problem } from './support.ts';

interface Settings {
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
}

/** Algorithm 2 of Loshchilov & Hutter, number by number. */
function expected(
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  rates: readonly number[],
  { beta1, beta2, epsilon, weightDecay }: Settings,
): number[] {
  return start.map((initial, i) => {
    let theta = initial;
    let m = 0;
    let v = 0;
    gradients.forEach((gradient, step) => {
      const g = gradient[i];
      const t = step + 1;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      const mHat = m / (1 - beta1 ** t);
      const vHat = v / (1 - beta2 ** t);
      theta -= rates[step] * (mHat / (Math.sqrt(vHat) + epsilon) + weightDecay * theta);
    });
    return theta;
  });
}

describe('AdamW', () => {
  it.each(cases)('follows the algorithm with its default settings: $shape $dtype', ({ shape, dtype }) => {
    const { start, gradients, rates } = problem(shape, 6);
    const parameter = parameterOf(start, shape, dtype);
    play(new AdamW([['w', parameter]]), parameter, gradients, rates);
    const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
    expectClose(parameter, expected(start, gradients, rates, settings));
  });

  it.each(dtypes)('follows it with other settings: %s', (dtype) => {
    const { start, gradients, rates } = problem([3, 4], 6);
    const parameter = parameterOf(start, [3, 4], dtype);
    const optimizer = new AdamW([['w', parameter]], { betas: [0.5, 0.8], epsilon: 0.1, weightDecay: 0.3 });
    play(optimizer, parameter, gradients, rates);
    const settings = { beta1: 0.5, beta2: 0.8, epsilon: 0.1, weightDecay: 0.3 };
    expectClose(parameter, expected(start, gradients, rates, settings));
  });

  it('first moves every number by the learning rate, against its gradient, however large that is', () => {
    const parameter = parameterOf([1, 2, 3], [3], 'float64');
    play(new AdamW([['w', parameter]], { epsilon: 0, weightDecay: 0 }), parameter, [[1e-3, -5, 1e4]], [0.25]);
    expectClose(parameter, [0.75, 2.25, 2.75]);
  });

  it('decays the parameter itself and leaves the averages alone', () => {
    const parameter = parameterOf([2, -4], [2], 'float64');
    const optimizer = new AdamW([['w', parameter]], { weightDecay: 0.5 });
    play(optimizer, parameter, [[0, 0]], [0.1]);
    expectClose(parameter, [1.9, -3.8]); // θ (1 − 0.1 · 0.5)
    const state = optimizer.stateDict();
    expect(state.get('w.exponentialAverage')!.toArray()).toEqual([0, 0]);
    expect(state.get('w.exponentialAverageSquare')!.toArray()).toEqual([0, 0]);
  });

  it('refuses settings out of range', () => {
    const parameters = [['w', parameterOf([1], [1], 'float32')]] as const;
    expect(() => new AdamW(parameters, { betas: [1, 0.9] })).toThrow(
      'AdamW: betas[0] must be in [0, 1), not 1.',
    );
    expect(() => new AdamW(parameters, { betas: [0.9, -1] })).toThrow(
      'AdamW: betas[1] must be in [0, 1), not -1.',
    );
    expect(() => new AdamW(parameters, { weightDecay: Number.NaN })).toThrow(
      'AdamW: weightDecay must be a number from 0 up, not NaN.',
    );
  });
});
