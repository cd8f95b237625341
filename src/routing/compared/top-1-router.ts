import { Linear } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import type { Random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { hardMask } from '../estimators.ts';
import { type Route, type RouteOptions, type Router, shareOf } from '../router.ts';

/**
 * Top-1 gating as in GShard, an alternative that the paper rejects (section 2.1, Eq. 4): with g = softmax(z W_G) the
 * output is g₁ F(x) where running is likelier, g₀ x elsewhere. F is the layer with its residual, as in Eq. 1. The soft
 * values stand in the forward, in evaluation too, so gradients are the true ones, and a skipped token is scaled down.
 * Only the density loss needs a surrogate: its hard count has the gradient of g₁.
 */
export class Top1Router extends Module implements Router {
  readonly causal = 'always';
  gate: Linear;

  constructor(dim: number, random: Random, scale: number) {
    super();
    this.gate = new Linear(dim, 2, random, { bias: false, scale });
  }

  route(z: Tensor, { valid }: RouteOptions): Route {
    const g = this.gate.forward(z).softmax(); // (B, T, 2)
    const g0 = g.slice(-1, 0, 1); // (B, T, 1)
    const g1 = g.slice(-1, 1, 2); // (B, T, 1)
    const active = g1.gt(g0); // (B, T, 1)
    return {
      active,
      readsSkipped: false,
      density: shareOf(hardMask(g1, active), valid),
      combine: (x, y) => active.where(g1, g0).mul(active.where(y, x)),
    };
  }
}
