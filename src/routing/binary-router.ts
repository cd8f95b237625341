import { isGradEnabled } from '../autograd/mode.ts';
import { Linear } from '../nn/linear.ts';
import { Module } from '../nn/module.ts';
import type { Random } from '../tensor/random.ts';
import { emptyTensor, type Tensor } from '../tensor/tensor.ts';
import { type EstimatorName, estimators, hardMask } from './estimators.ts';
import { hardRoute } from './hard-route.ts';
import { type Route, type RouteOptions, type Router, shareOf } from './router.ts';

/**
 * The paper's router (section 2.1, Eq. 3): logits z W_G with W_G (D, 2) and no bias; index 1 runs the layer, 0 skips it.
 * In training it samples by Gumbel-softmax, hard in the forward; in evaluation it takes the likelier side, without
 * noise (Algorithm 2). It decides from a token's own state, so it is causal always.
 *
 * The paper states no initialisation: W_G ~ N(0, scale²) here, so every token starts near probability ½.
 */
export class BinaryRouter extends Module implements Router {
  readonly causal = 'always';
  readonly estimator: EstimatorName;
  gate: Linear;

  constructor(dim: number, random: Random, estimator: EstimatorName, scale = 0.1) {
    super();
    this.estimator = estimator;
    this.gate = new Linear(dim, 2, random, { bias: false, scale });
  }

  route(z: Tensor, { random, temperature, noiseScale, valid }: RouteOptions): Route {
    const logits = this.gate.forward(z); // (B, T, 2)
    const noisy =
      this.training && random && noiseScale > 0
        ? logits.add(gumbelLike(logits, random).mul(noiseScale))
        : logits;
    const active = noisy.slice(-1, 1, 2).gt(noisy.slice(-1, 0, 1)); // (B, T, 1)
    if (!isGradEnabled()) return hardRoute(active, valid, z.dtype); // probabilities only carry gradients
    const s = noisy.div(this.training ? temperature : 1).softmax(); // (B, T, 2)
    const s0 = s.slice(-1, 0, 1); // (B, T, 1)
    const s1 = s.slice(-1, 1, 2); // (B, T, 1)
    const { readsSkipped, combine } = estimators[this.estimator];
    return {
      active,
      readsSkipped,
      density: shareOf(hardMask(s1, active), valid),
      combine: (x, y) => combine(s0, s1, active, x, y),
    };
  }
}

/** Gumbel(0, 1) noise in the shape of x, made where x is: the same for a seed on every device. */
function gumbelLike(x: Tensor, random: Random): Tensor {
  const noise = emptyTensor(x.shape, x.dtype, x.device);
  random.gumbelInto(x.device.kernels, noise);
  return noise;
}
