import { describe, expect, it } from 'vitest';
import { Sgd } from '../../src/optim/sgd.ts';
import { cases, expectClose, parameterOf, play, problem } from './support.ts';

interface Settings {
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
}

/** torch.optim.SGD's rule, number by number: its buffer starts as the first gradient, undamped. */
function expected(
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  rates: readonly number[],
  { momentum, nesterov, weightDecay }: Settings,
): number[] {
  return start.map((initial, i) => {
    let theta = initial;
    let buffer = Number.NaN;
    gradients.forEach((gradient, t) => {
      const d = gradient[i] + weightDecay * theta;
      buffer = t === 0 ? d : momentum * buffer + d;
      theta -= rates[t] * (nesterov ? d + momentum * buffer : buffer);
    });
    return theta;
  });
}

const settings: Settings[] = [
  { momentum: 0, nesterov: false, weightDecay: 0 },
  { momentum: 0, nesterov: false, weightDecay: 0.2 },
  { momentum: 0.9, nesterov: false, weightDecay: 0.1 },
  { momentum: 0.8, nesterov: true, weightDecay: 0.1 },
];

describe('Sgd', () => {
  it.each(cases)("follows PyTorch's rule in every setting: $shape $dtype", ({ shape, dtype }) => {
    for (const setting of settings) {
      const { start, gradients, rates } = problem(shape, 5);
      const parameter = parameterOf(start, shape, dtype);
      play(new Sgd([['w', parameter]], setting), parameter, gradients, rates);
      expectClose(parameter, expected(start, gradients, rates, setting));
    }
  });

  it('by default moves by the learning rate times the gradient', () => {
    const parameter = parameterOf([1, 2], [2], 'float32');
    play(new Sgd([['w', parameter]]), parameter, [[4, -8]], [0.25]);
    expect(parameter.toArray()).toEqual([0, 4]);
  });

  it('gathers speed under a steady gradient: 1, then 1 + μ, then 1 + μ + μ²', () => {
    const parameter = parameterOf([0], [1], 'float64');
    play(new Sgd([['w', parameter]], { momentum: 0.5 }), parameter, [[1], [1], [1]], [1, 1, 1]);
    expect(parameter.item()).toBe(-(1 + 1.5 + 1.75));
  });

  it('refuses a momentum of 1, and nesterov without momentum', () => {
    const parameters = [['w', parameterOf([1], [1], 'float32')]] as const;
    expect(() => new Sgd(parameters, { momentum: 1 })).toThrow('Sgd: momentum must be in [0, 1), not 1.');
    expect(() => new Sgd(parameters, { nesterov: true })).toThrow('Sgd: nesterov needs a momentum above 0.');
  });
});
