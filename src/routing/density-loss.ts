import { OpError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * The sparsity loss of paper section 2.1: Σ over layers of (r − P)², with r a layer's share of active tokens.
 * A sum and not a mean: averaging over L layers would weaken the pull on each by L.
 *
 * @param densities r per layer, scalars
 * @param target P, one for all layers or one per layer
 * @returns a scalar, to be multiplied by λ
 */
export function densityLoss(densities: readonly Tensor[], target: number | readonly number[]): Tensor {
  if (densities.length === 0) throw new OpError('densityLoss', 'needs the density of at least one layer');
  if (typeof target !== 'number' && target.length !== densities.length) {
    throw new OpError(
      'densityLoss',
      `${target.length} targets do not fit ${densities.length} layers; give one, or one per layer`,
    );
  }
  return densities
    .map((density, layer) => density.sub(typeof target === 'number' ? target : target[layer]).square())
    .reduce((total, term) => total.add(term));
}

/** P on the way from 1 to its target, along a line. @param progress from 0, at 1, to 1, at the target */
export function densityAt(target: number, progress: number): number {
  return 1 - progress * (1 - target);
}
