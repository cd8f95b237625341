import { randn } from '../tensor/create.ts';
import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module, parameter } from './module.ts';

/** A table of `count` vectors of size `dim`, looked up by ids (…) int32: (…, dim). Weights ~ N(0, scale²). */
export class Embedding extends Module {
  weight: Tensor;

  constructor(count: number, dim: number, random: Random, scale = 1) {
    super();
    this.weight = parameter(randn([count, dim], random).mul(scale));
  }

  forward(ids: Tensor): Tensor {
    return this.weight.embedding(ids);
  }
}
