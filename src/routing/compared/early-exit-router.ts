import { Module } from '../../nn/module.ts';
import { ones } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { hardRoute } from '../hard-route.ts';
import type { Route, RouteOptions, Router } from '../router.ts';

/**
 * Early exit by confidence, as in CALM (Schuster et al., arXiv 2207.07061), with the threshold of EE-LLM (2312.04916):
 * a token stops before the first layer at which its largest probability reaches the threshold, and skips all that
 * follow; the first layer always runs. Where the paper's tokens take any of 2^L paths, these take one of L.
 *
 * A token that has stopped keeps its state, so it is as sure at every later layer and never comes back; layers go on
 * making its keys and values from that state. In training every token runs every layer, and every exit is trained
 * (`exitLoss`). Nothing else is learned here: the exits are the model's own norm and head.
 */
export class EarlyExitRouter extends Module implements Router {
  readonly causal = 'always';
  readonly layer: number;
  /** May be set anew at any time: above 1 nobody stops, at 0 everybody stops after the first layer. */
  threshold: number;

  /** @param layer which layer it routes, from 0 */
  constructor(layer: number, threshold: number) {
    super();
    this.layer = layer;
    this.threshold = threshold;
  }

  route(z: Tensor, { exitLogits, valid }: RouteOptions): Route {
    const [batch, tokens] = z.shape;
    const said = this.layer > 0 ? exitLogits() : null; // (B, T, V)
    const active =
      said && !this.training
        ? said.softmax().max(-1, { keepDim: true }).lt(this.threshold)
        : ones([batch, tokens, 1], { dtype: 'bool', device: z.device }); // (B, T, 1)
    return Object.assign(hardRoute(active, valid, z.dtype), { exitLogits: said });
  }
}
