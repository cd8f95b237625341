import { ones, zeros } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

/** Normalises the last axis (…, dim) to mean 0 and variance 1, then scales and shifts. Starts as weight 1, bias 0. */
export class LayerNorm extends Module {
  weight: Tensor;
  bias: Tensor;
  readonly epsilon: number;

  constructor(dim: number, epsilon = 1e-5) {
    super();
    this.weight = ones([dim], { requiresGrad: true });
    this.bias = zeros([dim], { requiresGrad: true });
    this.epsilon = epsilon;
  }

  forward(x: Tensor): Tensor {
    return x.layerNorm(this.weight, this.bias, this.epsilon);
  }
}
