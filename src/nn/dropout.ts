import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

/** In training, zeroes each element with probability p and scales the others by 1 / (1 − p); else the identity. */
export class Dropout extends Module {
  readonly p: number;

  constructor(p: number) {
    super();
    this.p = p;
  }

  /** @param random where the mask is drawn from; without it nothing is dropped */
  forward(x: Tensor, random?: Random): Tensor {
    return this.training && this.p > 0 && random ? x.dropout(this.p, random) : x;
  }
}
