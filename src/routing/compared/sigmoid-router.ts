import { Linear } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import { ones } from '../../tensor/create.ts';
import type { Random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { hardMask } from '../estimators.ts';
import { type Route, type RouteOptions, type Router, shareOf } from '../router.ts';

/**
 * A sigmoid gate with a threshold, an alternative that the paper rejects (section 2.1): g = σ(z w), w (1, D).
 * In training every token runs, the output is the mixture g y + (1 − g) x and gradients are the true ones. In evaluation
 * tokens with g > ½ run and the others skip, so that work is saved, and the output is what ran, unmixed: the model is
 * not quite the one that was trained. The density loss counts the tokens above the threshold, with the gradient of g.
 */
export class SigmoidRouter extends Module implements Router {
  readonly causal = 'always';
  gate: Linear;

  constructor(dim: number, random: Random, scale: number) {
    super();
    this.gate = new Linear(dim, 1, random, { bias: false, scale });
  }

  route(z: Tensor, { valid }: RouteOptions): Route {
    const logit = this.gate.forward(z); // (B, T, 1)
    const g = logit.sigmoid(); // (B, T, 1)
    const open = logit.gt(0); // (B, T, 1), g > ½
    const density = shareOf(hardMask(g, open), valid);
    if (!this.training) {
      return { active: open, readsSkipped: false, density, combine: (x, y) => open.where(y, x) };
    }
    const active = ones(open.shape, { dtype: 'bool', device: z.device }); // (B, T, 1)
    return { active, readsSkipped: false, density, combine: (x, y) => x.add(g.mul(y.sub(x))) };
  }
}
