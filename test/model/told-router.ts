/** A router that is told its decisions: for trying a model under every skip pattern. */
import { fromTypedArray, Random, type Tensor } from '../../src/index.ts';
import type { SkipTransformer } from '../../src/model/skip-transformer.ts';
import { BinaryRouter } from '../../src/routing/binary-router.ts';
import { type EstimatorName, estimators, hardMask } from '../../src/routing/estimators.ts';
import { type Route, type RouteOptions, shareOf } from '../../src/routing/router.ts';

/** Whether a token runs a layer. */
export type Pattern = (layer: number, row: number, position: number) => boolean;

/** The binary router with its estimator's gradients, but decisions from outside, in training and evaluation alike. */
export class ToldRouter extends BinaryRouter {
  readonly decide: (row: number, position: number) => boolean;

  constructor(dim: number, estimator: EstimatorName, decide: (row: number, position: number) => boolean) {
    super(dim, new Random(0), estimator);
    this.decide = decide;
  }

  override route(z: Tensor, { start, temperature, valid }: RouteOptions): Route {
    const [batch, tokens] = z.shape;
    const told = Uint8Array.from({ length: batch * tokens }, (_, i) =>
      Number(this.decide(Math.floor(i / tokens), start + (i % tokens))),
    );
    const active = fromTypedArray(told, [batch, tokens, 1]);
    const logits = this.gate.forward(z); // (B, T, 2)
    const s1 = this.running(logits.slice(-1, 1, 2).sub(logits.slice(-1, 0, 1)), active, temperature);
    const s0 = s1.neg().add(1);
    const { readsSkipped, combine } = estimators[this.estimator];
    return {
      active,
      readsSkipped,
      density: shareOf(hardMask(s1, active), valid),
      combine: (x, y) => combine(s0, s1, active, x, y),
    };
  }

  /** s₁ (B, T, 1), through which the gradients flow, from l₁ − l₀. */
  protected running(gap: Tensor, _active: Tensor, temperature: number): Tensor {
    return gap.div(temperature).sigmoid();
  }
}

/** Has every binary router of a model do as it is told; its weights stay. */
export function tell(model: SkipTransformer, pattern: Pattern): SkipTransformer {
  model.layers.forEach((layer, i) => {
    const { gate, estimator, training } = layer.router as BinaryRouter;
    const told = new ToldRouter(model.config.dim, estimator, (row, position) => pattern(i, row, position));
    told.gate = gate;
    layer.router = told.train(training);
  });
  return model;
}

/** One of the 2^(L · T) ways in which T tokens can run L layers, by its number: bit layer · T + position. */
export function patternNumber(number: number, tokens: number): (layer: number, position: number) => boolean {
  return (layer, position) => ((number >> (layer * tokens + position)) & 1) === 1;
}
