import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Linear } from './linear.ts';
import { Module } from './module.ts';

export interface FeedForwardOptions {
  /** Multiply the hidden layer by a second, gating projection (Shazeer 2020, GEGLU). Default false. */
  gated?: boolean;
  /** Factor on the initial output weights, for deep residual stacks. Default 1. */
  outputScale?: number;
}

/** Two linear maps with a GELU between: (…, dim) → (…, hidden) → (…, dim). */
export class FeedForward extends Module {
  up: Linear;
  gate: Linear | null;
  down: Linear;

  constructor(
    dim: number,
    hidden: number,
    random: Random,
    { gated = false, outputScale = 1 }: FeedForwardOptions = {},
  ) {
    super();
    this.up = new Linear(dim, hidden, random);
    this.gate = gated ? new Linear(dim, hidden, random) : null;
    this.down = new Linear(hidden, dim, random, { scale: outputScale * hidden ** -0.5 });
  }

  forward(x: Tensor): Tensor {
    const activation = this.up.forward(x).geluTanh(); // (…, hidden)
    const hidden = this.gate ? activation.mul(this.gate.forward(x)) : activation; // (…, hidden)
    return this.down.forward(hidden); // (…, dim)
  }
}
