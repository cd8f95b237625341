/** Reverse mode: walking the tape from a result back to what it was computed from. */
import { OpError, shapeText } from '../tensor/errors.ts';
import { GraphNode, type Hook } from '../tensor/graph-node.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor, uploadTensor, zerosTensor } from '../tensor/tensor.ts';
import { isGradEnabled, withGradMode } from './mode.ts';

export interface BackwardOptions {
  /** Record the backward pass too, so that its results can be differentiated again. */
  createGraph?: boolean;
  /** Keep what was saved, so that the same graph can be walked again. Default: as createGraph. */
  retainGraph?: boolean;
}

/**
 * Adds the gradient of `output` to the `.grad` of every leaf it depends on.
 *
 * @param gradient the gradient of the loss with respect to `output`, of its shape; may be left out for a scalar
 * @throws OpError if `output` needs no gradient, is not a scalar, or its graph was walked before
 */
export function backward(output: Tensor, gradient?: Tensor | null, options: BackwardOptions = {}): void {
  walk(output, gradient ?? undefined, options, null, (leaf, g) => {
    leaf.grad = leaf.grad ? leaf.grad.add(g) : g;
  });
}

/**
 * The gradients of `output` with respect to `inputs`, leaving every `.grad` alone (PyTorch's autograd.grad).
 * An input that `output` does not depend on gets zeros.
 */
export function gradients(
  output: Tensor,
  inputs: readonly Tensor[],
  { gradient, ...options }: BackwardOptions & { gradient?: Tensor } = {},
): Tensor[] {
  const missing = inputs.findIndex((x) => !x.requiresGrad);
  if (missing >= 0) {
    throw new OpError(
      'gradients',
      `input ${missing} ${shapeText(inputs[missing].shape)} requires no gradient; ` +
        'set its requiresGrad before the output is computed',
    );
  }
  const targets = new Set(inputs.map((x) => x.node as GraphNode<Tensor>));
  const found = walk(output, gradient, options, targets, () => {});
  return inputs.map((x) => found.get(x.node as GraphNode<Tensor>) ?? zerosTensor(x.shape, x.dtype, x.device));
}

/** Walks the graph in descending creation order; returns the gradients of the targets. */
function walk(
  output: Tensor,
  seed: Tensor | undefined,
  { createGraph = false, retainGraph = createGraph }: BackwardOptions,
  targets: ReadonlySet<GraphNode<Tensor>> | null,
  atLeaf: (leaf: Tensor, gradient: Tensor) => void,
): Map<GraphNode<Tensor>, Tensor> {
  const root = output.node;
  if (!root)
    throw new OpError(
      'backward',
      `nothing was recorded for this ${output.dtype} ${shapeText(output.shape)}: no input had requiresGrad, ` +
        'or it was computed in noGrad, detached, or by an op without a derivative',
    );
  const start = seed ?? scalarOne(output);
  requireLike(output, start, 'the gradient that was passed', 'the output');
  const found = new Map<GraphNode<Tensor>, Tensor>();
  const pending = new Map<GraphNode<Tensor>, Tensor>([[root, start]]);
  withGradMode(createGraph, () => {
    const order = schedule(root, targets);
    const wanted = new Set(order);
    for (const node of order) {
      let gradient = pending.get(node);
      if (!gradient) continue;
      pending.delete(node);
      for (const hook of [...node.hooks]) {
        const replaced = hook(gradient);
        if (replaced) requireLike(gradient, replaced, 'what a hook returned', 'the gradient it got');
        gradient = replaced ?? gradient;
      }
      if (targets?.has(node)) found.set(node, gradient);
      if (node.leaf) {
        atLeaf(node.leaf, gradient);
        continue;
      }
      if (targets && !node.edges.some((edge) => edge && wanted.has(edge))) continue;
      propagate(node, gradient, createGraph, pending);
      if (!retainGraph) release(node);
    }
  });
  return found;
}

/** @throws OpError unless `gradient` has the shape, type and device of `x` */
function requireLike(x: Tensor, gradient: Tensor, what: string, like: string): void {
  if (sameShape(gradient.shape, x.shape) && gradient.dtype === x.dtype && gradient.device === x.device)
    return;
  const text = (t: Tensor): string => `${t.dtype} ${shapeText(t.shape)} on ${t.device.name}`;
  throw new OpError('backward', `${what} is ${text(gradient)}; it must be ${text(x)}, like ${like}`);
}

function scalarOne(output: Tensor): Tensor {
  if (output.size !== 1) {
    throw new OpError(
      'backward',
      `the output has shape ${shapeText(output.shape)}; only a scalar can do without a gradient`,
      'y.sum().backward() or y.backward(gradient)',
    );
  }
  const one = output.dtype === 'float64' ? Float64Array.of(1) : Float32Array.of(1);
  return uploadTensor(one, output.shape, output.dtype, output.device);
}

/** The nodes that matter, users before what they used. With targets, only nodes from which a target can be reached. */
function schedule(
  root: GraphNode<Tensor>,
  targets: ReadonlySet<GraphNode<Tensor>> | null,
): GraphNode<Tensor>[] {
  const seen = new Set<GraphNode<Tensor>>([root]);
  const stack = [root];
  for (let node = stack.pop(); node; node = stack.pop()) {
    for (const edge of node.edges) {
      if (edge && !seen.has(edge)) {
        seen.add(edge);
        stack.push(edge);
      }
    }
  }
  const ascending = [...seen].sort((a, b) => a.id - b.id);
  if (!targets) return ascending.reverse();
  const needed = new Set<GraphNode<Tensor>>();
  for (const node of ascending) {
    if (targets.has(node) || node.edges.some((edge) => edge && needed.has(edge))) needed.add(node);
  }
  return ascending.filter((node) => needed.has(node)).reverse();
}

function propagate(
  node: GraphNode<Tensor>,
  gradient: Tensor,
  createGraph: boolean,
  pending: Map<GraphNode<Tensor>, Tensor>,
): void {
  if (!node.backward) {
    throw new OpError(
      'backward',
      `the graph behind ${node.name} was already walked and released; ` +
        'compute the output again, or pass { retainGraph: true } the first time',
    );
  }
  const results = node.backward(gradient, createGraph);
  node.edges.forEach((edge, i) => {
    const result = results[i];
    if (!edge || !result) return;
    const before = pending.get(edge);
    pending.set(edge, before ? before.add(result) : result);
  });
}

function release(node: GraphNode<Tensor>): void {
  node.backward = null;
  node.releaseSaved?.();
  node.releaseSaved = null;
}

/** The same values as a step of its own: what `grad` differentiates with respect to. */
export function alias(x: Tensor): Tensor {
  const result = new Tensor(x.storage, x.shape, x.strides, x.offset);
  if (x.node) result.node = new GraphNode<Tensor>('alias', [x.node], (g) => [g]);
  else result.requiresGrad = true;
  return result;
}

/** The same values without a past: gradients stop here. */
export function detach(x: Tensor): Tensor {
  return new Tensor(x.storage, x.shape, x.strides, x.offset);
}

/**
 * Calls `hook` with the gradient whenever it reaches this tensor; what it returns, if anything, takes its place.
 *
 * @returns a function that removes the hook
 */
export function registerHook(x: Tensor, hook: Hook<Tensor>): () => void {
  const { node } = x;
  if (!node)
    throw new OpError(
      'registerHook',
      'this tensor requires no gradient, so none will reach it; set requiresGrad first',
    );
  // A function of its own per call, so that removing one registration leaves the others alone.
  const registered: Hook<Tensor> = (gradient) => hook(gradient);
  node.hooks.push(registered);
  return () => {
    const at = node.hooks.indexOf(registered);
    if (at >= 0) node.hooks.splice(at, 1);
  };
}

/** A function of tensors with a scalar (one-element) result. */
export type ScalarFunction = (...args: Tensor[]) => Tensor;

/** How many `valueAndGrad` are running their function right now. */
let differentiating = 0;

/** The value of `f` and its gradient with respect to every argument. May be nested for higher orders. */
export function valueAndGrad(
  f: ScalarFunction,
): (...args: Tensor[]) => { value: Tensor; gradients: Tensor[] } {
  return (...args) => {
    // Inside another f, that one's arguments may be hidden in this closure: its derivative goes through ours.
    const createGraph = isGradEnabled() && (differentiating > 0 || args.some((x) => x.requiresGrad));
    return withGradMode(true, () => {
      const inputs = args.map(alias);
      let value: Tensor;
      differentiating++;
      try {
        value = f(...inputs);
      } finally {
        differentiating--;
      }
      return {
        value: createGraph ? value : value.detach(),
        // A constant depends on nothing: its gradient is 0.
        gradients: value.requiresGrad
          ? gradients(value, inputs, { createGraph })
          : inputs.map((x) => zerosTensor(x.shape, x.dtype, x.device)),
      };
    });
  };
}

/** The gradient of `f` with respect to its first argument, as a function: `grad(grad(f))` is the second derivative. */
export function grad(f: ScalarFunction): (...args: Tensor[]) => Tensor {
  return (...args) => valueAndGrad(f)(...args).gradients[0];
}
