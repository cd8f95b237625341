import { Module } from '../nn/module.ts';
import { fromTypedArray } from '../tensor/create.ts';
import { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { densityAt } from './density-loss.ts';
import { hardRoute } from './hard-route.ts';
import type { Route, RouteOptions, Router } from './router.ts';

/**
 * The control of every routing claim (the paper's "Rand"): each token runs the layer with probability P, independently,
 * learning nothing, in training and evaluation alike. A token's draw depends on its batch row and position only, so
 * generating from a cache and reading the whole text agree.
 */
export class RandomRouter extends Module implements Router {
  readonly causal = 'always';
  readonly target: number;
  readonly fallback: Random;

  /**
   * @param target P
   * @param seed for evaluation, where no stream is handed in
   * @param layer so that layers draw independently there too
   */
  constructor(target: number, seed: number, layer: number) {
    super();
    this.target = target;
    this.fallback = new Random(seed).fork('random gate').fork(layer);
  }

  route(z: Tensor, { random, start, valid, densityProgress }: RouteOptions): Route {
    const [batch, tokens] = z.shape;
    const draws = new Uint8Array(batch * tokens);
    const source = (this.training && random) || this.fallback;
    const density = this.training ? densityAt(this.target, densityProgress) : this.target;
    for (let b = 0; b < batch; b++) {
      const row = source.fork(b);
      for (let t = 0; t < tokens; t++)
        draws[b * tokens + t] = row.fork(start + t).uniform() < density ? 1 : 0;
    }
    const active = fromTypedArray(draws, [batch, tokens, 1], { device: z.device }); // (B, T, 1)
    return hardRoute(active, valid, z.dtype);
  }
}
