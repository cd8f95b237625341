/** Writing a step onto the tape. */
import { OpError } from '../tensor/errors.ts';
import { type BackwardFunction, GraphNode } from '../tensor/graph-node.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { isAnomalyMode, modulePath } from './anomaly.ts';
import { isGradEnabled } from './mode.ts';

/** Whether an op on these inputs has to be recorded. */
export function wantsGrad(inputs: readonly Tensor[]): boolean {
  return isGradEnabled() && inputs.some((x) => x.requiresGrad);
}

/**
 * Makes `output` the result of a recorded step.
 *
 * @param saved the tensors that `backward` will read; the tape holds their storage until it is released
 */
export function record(
  name: string,
  inputs: readonly Tensor[],
  output: Tensor,
  saved: readonly Tensor[],
  backward: BackwardFunction<Tensor>,
): void {
  const versions = saved.map((tensor) => tensor.storage.version);
  for (const tensor of saved) tensor.storage.retain();
  const checked: BackwardFunction<Tensor> = (gradient, createGraph) => {
    if (saved.some((tensor, i) => tensor.storage.version !== versions[i])) {
      throw new OpError(
        'backward',
        `a tensor that ${name} saved was assigned other values since; call backward() before the optimizer's step()`,
      );
    }
    return backward(gradient, createGraph);
  };
  const label = isAnomalyMode() && modulePath() ? `${name} (${modulePath()})` : name;
  const edges = inputs.map((x) => x.node);
  const node = new GraphNode<Tensor>(label, edges, checked);
  node.releaseSaved = () => {
    for (const tensor of saved) tensor.storage.release();
  };
  output.node = node;
}
