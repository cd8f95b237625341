import { rand } from '../tensor/create.ts';
import { OpError } from '../tensor/errors.ts';
import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { defineComposite, type Op } from './define.ts';
import { FrozenRandom } from './domains.ts';

export const dropout: Op<[x: Tensor, p: number, random: Random]> = defineComposite({
  name: 'dropout',
  takes: 'x: Tensor, p: number, random: Random',
  doc: 'Each element 0 with probability p, else divided by 1 − p; the mask is drawn from random on the host. x itself for p 0.',
  compute: (x, p, random) => {
    if (!(p >= 0 && p <= 1)) throw new OpError('dropout', `p ${p} must be a probability from 0 to 1`);
    if (p === 0) return x;
    const kept = rand(x.shape, random, { device: x.device }).ge(p);
    // Of nothing kept there is nothing to scale up; 1 / 0 would make the gradient NaN.
    return kept.where(x.mul(p === 1 ? 0 : 1 / (1 - p)), 0);
  },
  domain: (draw) => [
    draw.tensor(draw.shape({ maxRank: 3 })),
    draw.pick([0, 0.5, 1]),
    new FrozenRandom(draw.integer(0, 100)),
  ],
});
