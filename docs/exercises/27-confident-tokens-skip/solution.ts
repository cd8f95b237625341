import { Module, type Route, type RouteOptions, type Router, type Tensor } from 'hopgrad';

/**
 * Tokens whose next token is clear skip the layer: those for which the model, if it had to speak already, would give one
 * token at least the probability `threshold`.
 */
export class ConfidentSkip extends Module implements Router {
  readonly causal = 'always';
  readonly threshold: number;

  constructor(threshold: number) {
    super();
    this.threshold = threshold;
  }

  /**
   * @param z the tokens, (B, T, D)
   * @param options `exitLogits()` computes what the model would say of each token here, (B, T, V) logits; who asks for them
   *   hands them on in the route, as `exitLogits`
   */
  route(z: Tensor, { exitLogits }: RouteOptions): Route {
    // #region yours
    const said = exitLogits(); // (B, T, V)
    const active = said.softmax().max(-1, { keepDim: true }).lt(this.threshold); // (B, T, 1)
    return {
      active,
      density: active.to(z.dtype).mean(),
      combine: (x, y) => active.where(y, x),
      readsSkipped: false,
      exitLogits: said,
    };
    // #endregion
  }
}
