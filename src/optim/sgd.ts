import { OpError } from '../tensor/errors.ts';
import { Optimizer, requireRange, type Trainable } from './optimizer.ts';

export interface SgdOptions {
  /** μ: how much of the last direction is kept. Default 0. */
  momentum?: number;
  /** Look ahead along the momentum. Default false. */
  nesterov?: boolean;
  /** Default 0. Added to the gradient, as in PyTorch; not decoupled. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum, in PyTorch's form (the learning rate stays outside the momentum):
 *
 *     d ← g + λ θ,   b ← μ b + d,   θ ← θ − η b   (Nesterov: θ ← θ − η (d + μ b))
 */
export class Sgd extends Optimizer {
  constructor(parameters: Trainable, { momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}) {
    requireRange('Sgd', 'momentum', momentum, 0, 1);
    if (nesterov && momentum === 0) throw new OpError('Sgd', 'nesterov needs a momentum above 0');
    super('Sgd', parameters, weightDecay, {
      moments: momentum > 0 ? ['momentumBuffer'] : [],
      numbers: ({ learningRate, weightDecay: decay }) => [learningRate, decay],
      update: ([parameter, gradient, oldBuffer], [rate, decay]) => {
        const direction = gradient.add(parameter.mul(decay));
        if (momentum === 0) return [parameter.sub(direction.mul(rate))];
        const buffer = oldBuffer.mul(momentum).add(direction);
        const ahead = nesterov ? direction.add(buffer.mul(momentum)) : buffer;
        return [parameter.sub(ahead.mul(rate)), buffer];
      },
    });
  }
}
