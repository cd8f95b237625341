// Exercise 26. Write what is missing, then: npm run learn 26
import {
  fromTypedArray,
  Module,
  ones,
  type Route,
  type RouteOptions,
  type Router,
  type Tensor,
} from 'hopgrad';
import { Hole } from '../kit/hole.ts';

/**
 * A router that learns nothing: tokens at even positions of a text run the layer, the others skip it. The first token of the
 * text stands at position 0.
 */
export class EverySecondPosition extends Module implements Router {
  /** A decision depends on nothing that comes later in the text. */
  readonly causal = 'always';

  /**
   * @param z the tokens, (B, T, D)
   * @param options `start` is the position of the first of these tokens: not 0 where a text is read in pieces. `valid`
   *   (B, T, 1) bool says which tokens are no padding, and count for the density; null means all
   */
  route(z: Tensor, { start, valid }: RouteOptions): Route {
    throw new Hole();
  }
}
