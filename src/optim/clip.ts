import { noGrad } from '../autograd/mode.ts';
import { OpError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * Scales all gradients by one factor so that together, taken as one vector, they are no longer than `maxNorm`.
 * Parameters without a gradient do not count. A norm that is not finite leaves the gradients as they are: skip the
 * step, or stop.
 *
 * @returns the L2 norm of all gradients before clipping; 0 where there is none. Reads one number from the device.
 */
export function clipGradNorm(parameters: readonly Tensor[], maxNorm: number): number {
  if (!(maxNorm >= 0))
    throw new OpError('clipGradNorm', `maxNorm must be a number from 0 up, not ${maxNorm}`);
  return noGrad(() => {
    const squares = parameters.flatMap(({ grad }) => (grad ? [grad.square().sum()] : []));
    if (squares.length === 0) return 0;
    const norm = Math.sqrt(squares.reduce((total, square) => total.add(square)).item());
    if (norm > maxNorm && Number.isFinite(norm)) {
      for (const parameter of parameters) {
        if (parameter.grad) parameter.grad = parameter.grad.mul(maxNorm / norm);
      }
    }
    return norm;
  });
}
