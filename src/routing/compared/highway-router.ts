import { Linear } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import { full, ones } from '../../tensor/create.ts';
import type { Random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { type Route, type RouteOptions, type Router, shareOf } from '../router.ts';

/**
 * A highway gate (Srivastava et al., arXiv 1505.00387), the paper's HighwayNet where it wraps the feed-forward:
 * T · F(x) + (1 − T) · x, number by number, with T = σ(W_T z + b_T), W_T (D, D). It takes the place of the residual:
 * F(x) is the branch alone, y − x. Nothing is skipped, so nothing is saved. b_T starts at −1: most of x is carried.
 */
export class HighwayRouter extends Module implements Router {
  readonly causal = 'always';
  gate: Linear;

  constructor(dim: number, random: Random, scale: number) {
    super();
    this.gate = new Linear(dim, dim, random, { scale });
    this.gate.bias = full([dim], -1, { requiresGrad: true });
  }

  route(z: Tensor, { valid }: RouteOptions): Route {
    const t = this.gate.forward(z).sigmoid(); // (B, T, D)
    const [batch, tokens] = z.shape;
    const active = ones([batch, tokens, 1], { dtype: 'bool', device: z.device }); // (B, T, 1)
    return {
      active,
      readsSkipped: false,
      density: shareOf(active.to(z.dtype), valid),
      combine: (x, y) => t.mul(y.sub(x)).add(t.neg().add(1).mul(x)),
    };
  }
}
