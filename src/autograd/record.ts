/** Writing a step onto the tape, and reading it back. */
import { OpError, shapeText } from '../tensor/errors.ts';
import { type BackwardFunction, GraphNode } from '../tensor/graph-node.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkFinite, inModule, isAnomalyMode, modulePath } from './anomaly.ts';
import { isGradEnabled } from './mode.ts';

/** Whether an op on these inputs has to be recorded. */
export function wantsGrad(inputs: readonly Tensor[]): boolean {
  if (!isGradEnabled()) return false;
  for (const x of inputs) if (x.node) return true;
  return false;
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
): GraphNode<Tensor> {
  for (const { storage } of saved) storage.retain();
  const node = new GraphNode<Tensor>(
    name,
    inputs.map((x) => x.node),
    backward,
  );
  // Not the inputs themselves: the tape keeps nothing alive but what is saved.
  node.shapes = inputs.map((x) => x.shape);
  node.dtypes = inputs.map((x) => x.dtype);
  node.saved = saved;
  node.versions = saved.map((x) => x.storage.version);
  if (isAnomalyMode()) node.place = modulePath();
  output.node = node;
  return node;
}

/**
 * The gradients of a step's inputs from that of its output.
 *
 * @throws OpError if the step was released, what it saved has changed, or its rule gives what no input can take
 */
export function backwardOf(
  node: GraphNode<Tensor>,
  gradient: Tensor,
  createGraph: boolean,
): readonly (Tensor | null)[] {
  const { name, backward, saved, versions, place } = node;
  if (!backward) {
    throw new OpError(
      'backward',
      `the graph behind ${name} was already walked and released; ` +
        'compute the output again, or pass { retainGraph: true } the first time',
    );
  }
  for (let i = 0; i < saved.length; i++) {
    if (saved[i].storage.version === versions[i]) continue;
    throw new OpError(
      'backward',
      `a tensor that ${name} saved was assigned other values since; call backward() before the optimizer's step()`,
    );
  }
  // What goes wrong here is reported from where the op stands in the model.
  const results = place
    ? inModule(place, () => backward(gradient, createGraph))
    : backward(gradient, createGraph);
  checkResults(node, results);
  if (isAnomalyMode()) {
    for (const result of results) {
      if (result) checkFinite(`${name} backward`, [gradient], result, place);
    }
  }
  return results;
}

/** Lets go of what a step saved; it cannot be walked again. */
export function release(node: GraphNode<Tensor>): void {
  node.backward = null;
  for (const { storage } of node.saved) storage.release();
  node.saved = [];
}

/** A gradient of another shape than its input would broadcast where gradients meet, and be wrong without a word. */
function checkResults(
  { name, shapes, dtypes }: GraphNode<Tensor>,
  results: readonly (Tensor | null)[],
): void {
  if (results.length !== shapes.length) {
    throw new OpError(
      name,
      `backward gave ${results.length} gradients for ${shapes.length} inputs; give null where none flows`,
    );
  }
  for (let i = 0; i < results.length; i++) {
    const result = results[i];
    if (!result) continue;
    if (result.dtype !== dtypes[i]) {
      throw new OpError(
        name,
        `backward gave a ${result.dtype} gradient for input ${i}, which is ${dtypes[i]}`,
      );
    }
    if (sameShape(result.shape, shapes[i])) continue;
    throw new OpError(
      name,
      `backward gave a gradient ${shapeText(result.shape)} for input ${i}, which is ${shapeText(shapes[i])}; ` +
        'an input that was stretched takes the sum over the axes along which it was',
    );
  }
}
