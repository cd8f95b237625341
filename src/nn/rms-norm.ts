import { ones } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

/** Divides the last axis (…, dim) by its root mean square, then scales (Zhang & Sennrich 2019). Starts as weight 1. */
export class RMSNorm extends Module {
  weight: Tensor;
  readonly epsilon: number;

  constructor(dim: number, epsilon = 1e-5) {
    super();
    this.weight = ones([dim], { requiresGrad: true });
    this.epsilon = epsilon;
  }

  forward(x: Tensor): Tensor {
    return x.rmsNorm(this.weight, this.epsilon);
  }
}
