import { OpError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/**
 * The loss of a model that may stop after any layer (CALM, arXiv 2207.07061): the mean of the losses of its exits,
 * the deeper the heavier: Σ i L_i / Σ i over i = 1 … L.
 *
 * @param losses L_i, scalars, by depth; the last is that of the whole model
 * @returns a scalar
 */
export function exitLoss(losses: readonly Tensor[]): Tensor {
  if (losses.length === 0) throw new OpError('exitLoss', 'needs the loss of at least one exit');
  const weights = (losses.length * (losses.length + 1)) / 2;
  return losses.map((loss, i) => loss.mul((i + 1) / weights)).reduce((total, term) => total.add(term));
}
