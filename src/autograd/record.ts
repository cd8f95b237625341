/** Writing a step onto the tape. */
import type { DType } from '../device/device.ts';
import { OpError, shapeText } from '../tensor/errors.ts';
import { type BackwardFunction, GraphNode } from '../tensor/graph-node.ts';
import { type Shape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkFinite, inModule, isAnomalyMode, modulePath } from './anomaly.ts';
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
  const place = isAnomalyMode() ? modulePath() : '';
  // Not the inputs themselves: the tape keeps nothing alive but what is saved.
  const expected = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const versions = saved.map((tensor) => tensor.storage.version);
  for (const tensor of saved) tensor.storage.retain();
  const checked: BackwardFunction<Tensor> = (gradient, createGraph) => {
    if (saved.some((tensor, i) => tensor.storage.version !== versions[i])) {
      throw new OpError(
        'backward',
        `a tensor that ${name} saved was assigned other values since; call backward() before the optimizer's step()`,
      );
    }
    // What goes wrong here is reported from where the op stands in the model.
    const results = place
      ? inModule(place, () => backward(gradient, createGraph))
      : backward(gradient, createGraph);
    checkResults(name, results, expected);
    if (isAnomalyMode()) {
      for (const result of results) {
        if (result) checkFinite(`${name} backward`, [gradient], result, place);
      }
    }
    return results;
  };
  const edges = inputs.map((x) => x.node);
  const node = new GraphNode<Tensor>(name, edges, checked);
  node.releaseSaved = () => {
    for (const tensor of saved) tensor.storage.release();
  };
  output.node = node;
}

/** A gradient of another shape than its input would broadcast where gradients meet, and be wrong without a word. */
function checkResults(
  name: string,
  results: readonly (Tensor | null)[],
  expected: readonly { shape: Shape; dtype: DType }[],
): void {
  if (results.length !== expected.length) {
    throw new OpError(
      name,
      `backward gave ${results.length} gradients for ${expected.length} inputs; give null where none flows`,
    );
  }
  results.forEach((result, i) => {
    if (!result) return;
    const { shape, dtype } = expected[i];
    if (result.dtype !== dtype) {
      throw new OpError(name, `backward gave a ${result.dtype} gradient for input ${i}, which is ${dtype}`);
    }
    if (sameShape(result.shape, shape)) return;
    throw new OpError(
      name,
      `backward gave a gradient ${shapeText(result.shape)} for input ${i}, which is ${shapeText(shape)}; ` +
        'an input that was stretched takes the sum over the axes along which it was',
    );
  });
}
