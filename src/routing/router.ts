/** What a router is: it looks at every token and says which of them run the layer. */
import type { Module } from '../nn/module.ts';
import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What a router is told beside the tokens. */
export interface RouteOptions {
  /** Source of this layer's randomness for this step; null: decide without noise. */
  random: Random | null;
  /** τ of the softmax in training (paper: unstated; 1 here by default). */
  temperature: number;
  /** Factor on the Gumbel noise in training: 1 is the paper's, 0 a deterministic straight-through router. */
  noiseScale: number;
  /** How far P has come in training, from 1 (at 0: every token runs) to its target (at 1). */
  densityProgress: number;
  /** Position of the first token of this call: not 0 when generating from a cache. */
  start: number;
  /** (B, T, 1) bool: tokens that count; the others are padding and are left out of the density. Null: all count. */
  valid: Tensor | null;
  /**
   * (B, T, V): what the model says of the tokens as they come to this layer; computed when it is asked for. Whoever asks
   * hands it on in its route, and leaves tokens that are not active as they are.
   */
  exitLogits: () => Tensor;
}

/** A router's answer for one layer. */
export interface Route {
  /** (B, T, 1) bool: which tokens run the layer. */
  active: Tensor;
  /**
   * The layer's output from its input x and the branch's result y (its residual included), both (B, T, D): by Eq. 1 y
   * where active, x elsewhere, with whatever gradient the router wants; some routers scale or mix them. It must not
   * hang on rows of y that are not active.
   */
  combine(x: Tensor, y: Tensor): Tensor;
  /** Whether the gradient of `combine` reads y at skipped tokens: then they must be computed too. */
  readsSkipped: boolean;
  /**
   * r, the share of active tokens, a scalar through which the density loss reaches the router. Of a soft gate: the
   * share that would be active in evaluation.
   */
  density: Tensor;
  /** A loss of the router's own, a scalar that is added to the training loss as it is; most have none. */
  routerLoss?: Tensor | null;
  /** What it asked for with `exitLogits`: an exit before this layer, which training trains. */
  exitLogits?: Tensor | null;
}

export interface Router extends Module {
  /**
   * When a decision depends on nothing later in the text: 'always', or at 'inference' only (a top-k router in
   * training sees the whole sequence).
   */
  readonly causal: 'always' | 'inference';
  /** Decides for tokens z (B, T, D), the layer's normalised input. In evaluation it follows its rule for decoding. */
  route(z: Tensor, options: RouteOptions): Route;
}

/** The share of tokens with mask 1: Σ mask / Σ valid, a scalar. mask (B, T, 1) floating. */
export function shareOf(mask: Tensor, valid: Tensor | null): Tensor {
  if (!valid) return mask.mean();
  const counts = valid.to(mask.dtype);
  return mask.mul(counts).sum().div(counts.sum().maximum(1)); // nothing but padding: 0
}
