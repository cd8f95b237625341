import { noGrad } from '../autograd/mode.ts';
import { OpError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The sum of the squares of all gradients, a scalar that stays on the device; null where there is no gradient. */
export function squaredGradNorm(parameters: readonly Tensor[]): Tensor | null {
  return noGrad(() => {
    const squares = parameters.flatMap(({ grad }) => (grad ? [grad.square().sum()] : []));
    return squares.length > 0 ? squares.reduce((total, square) => total.add(square)) : null;
  });
}

/**
 * Scales all gradients by one factor so that together, taken as one vector of this norm, they are no longer than
 * `maxNorm`. A norm that is not finite leaves them as they are: skip the step, or stop.
 */
export function scaleGrads(parameters: readonly Tensor[], norm: number, maxNorm: number): void {
  if (!(norm > maxNorm && Number.isFinite(norm))) return;
  noGrad(() => {
    for (const parameter of parameters) {
      if (parameter.grad) parameter.grad = parameter.grad.mul(maxNorm / norm);
    }
  });
}

/**
 * `squaredGradNorm` and `scaleGrads` in one. Parameters without a gradient do not count.
 *
 * @returns the L2 norm of all gradients before clipping; 0 where there is none. Reads one number from the device.
 */
export function clipGradNorm(parameters: readonly Tensor[], maxNorm: number): number {
  if (!(maxNorm >= 0))
    throw new OpError('clipGradNorm', `maxNorm must be a number from 0 up, not ${maxNorm}`);
  const norm = Math.sqrt(squaredGradNorm(parameters)?.item() ?? 0);
  scaleGrads(parameters, norm, maxNorm);
  return norm;
}
