import { randn, zeros } from '../tensor/create.ts';
import type { Random } from '../tensor/random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module, parameter } from './module.ts';

export interface LinearOptions {
  /** Default true. */
  bias?: boolean;
  /** Standard deviation of the initial weights. Default 1 / √dIn, which keeps the variance of what passes through. */
  scale?: number;
}

/** y = x Wᵀ + b, for x (…, dIn) and W (dOut, dIn), as in PyTorch. W ~ N(0, scale²), b = 0. */
export class Linear extends Module {
  weight: Tensor;
  bias: Tensor | null;

  constructor(
    dIn: number,
    dOut: number,
    random: Random,
    { bias = true, scale = dIn ** -0.5 }: LinearOptions = {},
  ) {
    super();
    this.weight = parameter(randn([dOut, dIn], random).mul(scale));
    this.bias = bias ? zeros([dOut], { requiresGrad: true }) : null;
  }

  forward(x: Tensor): Tensor {
    return x.linear(this.weight, this.bias ?? undefined); // (…, dOut)
  }
}
