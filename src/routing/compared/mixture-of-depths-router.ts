import { Linear } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import type { Random } from '../../tensor/random.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { densityAt } from '../density-loss.ts';
import { type Route, type RouteOptions, type Router, shareOf } from '../router.ts';

/**
 * Mixture-of-Depths (Raposo et al., arXiv 2404.02258). In training the ⌈P · T⌉ tokens of each text with the largest
 * weights w = z W_G, W_G (1, D), run the layer. Their output is x + w F(x), with the raw weight and with F(x) = y − x
 * the branch alone: so gradients reach W_G, with no estimator, and density is P with no loss for it.
 *
 * The largest cannot be known before the text is: in evaluation a predictor decides, token by token. It is a logistic
 * regression on z, trained to tell who is chosen; it reads z detached, so its loss trains nothing else.
 *
 * Unlike there, keys and values are of all tokens, as in every router here, and by default every layer is routed.
 */
export class MixtureOfDepthsRouter extends Module implements Router {
  readonly causal = 'inference';
  readonly target: number;
  gate: Linear;
  predictor: Linear;

  /** @param target P */
  constructor(dim: number, random: Random, scale: number, target: number) {
    super();
    this.target = target;
    this.gate = new Linear(dim, 1, random.fork('gate'), { bias: false, scale });
    this.predictor = new Linear(dim, 1, random.fork('predictor'), { scale });
  }

  route(z: Tensor, { valid, densityProgress }: RouteOptions): Route {
    const w = this.gate.forward(z); // (B, T, 1)
    const guess = this.predictor.forward(z.detach()); // (B, T, 1), the log-odds of running
    const active = this.training ? largest(w, densityAt(this.target, densityProgress), valid) : guess.gt(0); // (B, T, 1)
    return {
      active,
      readsSkipped: false,
      density: shareOf(active.to(z.dtype), valid),
      // −log σ of the right answer, its mean over the tokens that count.
      routerLoss: this.training ? shareOf(active.where(guess.neg(), guess).softplus(), valid) : null,
      combine: (x, y) => x.add(w.mul(active.where(y.sub(x), 0))),
    };
  }
}

/** Which ⌈share · T⌉ tokens of each text have the largest w (B, T, 1), of its T tokens that count; of equals the first. */
function largest(w: Tensor, share: number, valid: Tensor | null): Tensor {
  const counted = valid ? valid.where(w, -Infinity) : w; // (B, T, 1)
  const rank = counted.argsort(1, { descending: true }).argsort(1).to(w.dtype); // (B, T, 1), 0 for the largest
  const part = share * (1 - 1e-6); // 0.1 · 30 is 3, whatever its last bit says
  return rank.lt(valid ? valid.to(w.dtype).sum(1, { keepDim: true }).mul(part) : w.shape[1] * part);
}
