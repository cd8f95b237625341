/** Ops with a hand-written gradient, for users of the library. */
import type { Tensor } from '../tensor/tensor.ts';
import { detach } from './backward.ts';
import { noGrad } from './mode.ts';
import { record, wantsGrad } from './record.ts';

export interface CustomOp {
  /** Named in errors and anomaly reports. */
  readonly name: string;
  /** Computes the result; runs without being recorded. */
  readonly forward: (...inputs: Tensor[]) => Tensor;
  /** Gradients of the inputs (null where none flows) from the result's, written in ops, so that it can be differentiated in turn. */
  readonly backward: (
    gradient: Tensor,
    saved: { readonly inputs: readonly Tensor[]; readonly output: Tensor },
  ) => readonly (Tensor | null)[];
}

/**
 * A function of tensors whose gradient is what `backward` says, whatever `forward` does: for straight-through
 * estimators, clipped gradients, or functions whose derivative is better known than derived.
 *
 * @throws OpError from the returned function's backward, if a gradient does not have its input's shape
 */
export function customOp({ name, forward, backward }: CustomOp): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const output = detach(noGrad(() => forward(...inputs)));
    if (wantsGrad(inputs)) {
      const rule = (gradient: Tensor): readonly (Tensor | null)[] => backward(gradient, { inputs, output });
      record(name, inputs, output, [...inputs, output], rule).byUser = true;
    }
    return output;
  };
}
