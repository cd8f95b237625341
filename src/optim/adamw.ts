import { Optimizer, requireRange, type Trainable } from './optimizer.ts';

export interface AdamWOptions {
  /** Decay rates of the averages of the gradient and of its square. Default [0.9, 0.999]. */
  betas?: readonly [beta1: number, beta2: number];
  /** Added to the root of the second moment. Default 1e-8. */
  epsilon?: number;
  /** Default 0.01. */
  weightDecay?: number;
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019, Algorithm 2, in PyTorch's form):
 *
 *     m ← β1 m + (1 − β1) g,   v ← β2 v + (1 − β2) g²
 *     θ ← (1 − η λ) θ − η · m / (1 − β1ᵗ) / (√(v / (1 − β2ᵗ)) + ε)
 *
 * The decay λ acts on the parameter itself and never enters the averages.
 */
export class AdamW extends Optimizer {
  constructor(
    parameters: Trainable,
    { betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0.01 }: AdamWOptions = {},
  ) {
    requireRange('AdamW', 'betas[0]', beta1, 0, 1);
    requireRange('AdamW', 'betas[1]', beta2, 0, 1);
    requireRange('AdamW', 'epsilon', epsilon, 0);
    super('AdamW', parameters, weightDecay, {
      moments: ['exponentialAverage', 'exponentialAverageSquare'],
      numbers: ({ step, learningRate, weightDecay: decay }) => [
        learningRate * decay,
        learningRate / (1 - beta1 ** step),
        1 / Math.sqrt(1 - beta2 ** step),
      ],
      update: ([parameter, gradient, oldAverage, oldSquare], [decay, rate, rootScale]) => {
        const average = oldAverage.mul(beta1).add(gradient.mul(1 - beta1));
        const square = oldSquare.mul(beta2).add(gradient.square().mul(1 - beta2));
        const move = average.mul(rate).div(square.sqrt().mul(rootScale).add(epsilon));
        return [parameter.sub(parameter.mul(decay).add(move)), average, square];
      },
    });
  }
}
