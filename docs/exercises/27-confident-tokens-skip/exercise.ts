// Exercise 27. Write what is missing, then: npm run learn 27
import { Module, type Route, type RouteOptions, type Router, type Tensor } from 'hopgrad';
import { Hole } from '../kit/hole.ts';

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
    throw new Hole();
  }
}
