/** Ops of the user's own: a forward and a backward written from other ops. */
import type { Tensor } from '../tensor/tensor.ts';
import { detach } from './backward.ts';
import { noGrad } from './mode.ts';
import { record, wantsGrad } from './record.ts';

export interface CustomOp {
  /** Named in error messages. */
  readonly name: string;
  /** Runs unrecorded. */
  readonly forward: (...inputs: Tensor[]) => Tensor;
  /**
   * Gradients of the inputs, null where none flows, from the gradient of the output. Written in ops, it can be
   * differentiated again.
   */
  readonly backward: (
    gradient: Tensor,
    saved: { readonly inputs: readonly Tensor[]; readonly output: Tensor },
  ) => readonly (Tensor | null)[];
}

/** Makes a differentiable function of tensors; its gradient is whatever `backward` says, a surrogate included. */
export function customOp({ name, forward, backward }: CustomOp): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const output = detach(noGrad(() => forward(...inputs)));
    if (wantsGrad(inputs)) {
      record(name, inputs, output, [...inputs, output], (gradient) => backward(gradient, { inputs, output }));
    }
    return output;
  };
}
