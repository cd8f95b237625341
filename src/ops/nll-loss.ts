import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import { gatherAlong } from './gather-along.ts';
import { type ClassOptions, logitsAndTargets, requireTargets } from './losses.ts';

export const nllLoss: Op<[logProbabilities: Tensor, targets: Tensor, options?: ClassOptions]> =
  defineComposite({
    name: 'nllLoss',
    takes: 'logProbabilities: Tensor, targets: Tensor, options?: { ignoreIndex }',
    doc: 'Mean over rows of −logProbabilities[target], for (N, V) and targets (N) int32. NaN if no row counts.',
    compute: (logProbabilities, targets, { ignoreIndex = -100 } = {}) => {
      requireTargets('nllLoss', logProbabilities, targets, ignoreIndex);
      const counted = targets.ne(ignoreIndex);
      const place = counted.where(targets, 0).unsqueeze(-1); // (N, 1)
      const picked = gatherAlong(logProbabilities, -1, place).squeeze(-1); // (N)
      return counted.where(picked, 0).sum().neg().div(counted.sum());
    },
    domain: logitsAndTargets,
  });
