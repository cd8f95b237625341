import {
  fromTypedArray,
  Module,
  ones,
  type Route,
  type RouteOptions,
  type Router,
  type Tensor,
} from 'hopgrad';

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
    // #region yours
    const [batch, tokens] = z.shape;
    const even = Uint8Array.from({ length: batch * tokens }, (_, i) =>
      Number((start + (i % tokens)) % 2 === 0),
    );
    const active = fromTypedArray(even, [batch, tokens, 1]);
    const counted = (valid ?? ones(active.shape)).to(z.dtype);
    return {
      active,
      density: active.to(z.dtype).mul(counted).sum().div(counted.sum()),
      combine: (x, y) => active.where(y, x),
      readsSkipped: false,
    };
    // #endregion
  }
}
