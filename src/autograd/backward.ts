/** Reverse mode: walking the tape from a result back to what it was computed from. */
import { openScope, Scope } from '../device/scope.ts';
import { OpError, shapeText } from '../tensor/errors.ts';
import type { GraphNode, Hook } from '../tensor/graph-node.ts';
import { sameShape } from '../tensor/shape.ts';
import { Tensor, uploadTensor, zerosTensor } from '../tensor/tensor.ts';
import { isGradEnabled, withGradMode } from './mode.ts';
import { backwardOf, record, release } from './record.ts';

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
  const waiting = new WaitingGradients(createGraph);
  const step = (node: GraphNode<Tensor>, wanted: ReadonlySet<GraphNode<Tensor>> | null): void => {
    let gradient = waiting.take(node);
    if (!gradient) return;
    if (node.hooks) gradient = runHooks(node.hooks, gradient, waiting);
    if (targets?.has(node)) {
      waiting.handOver(gradient);
      found.set(node, gradient);
    }
    if (node.leaf) {
      atLeaf(node.leaf, gradient);
      if (node.leaf.grad?.storage === gradient.storage) waiting.handOver(gradient);
    } else if (!wanted || node.edges.some((edge) => edge && wanted.has(edge))) {
      if (node.byUser) waiting.handOver(gradient);
      waiting.passOn(node, gradient);
      if (!retainGraph) release(node);
    }
    waiting.letGo(gradient);
  };
  withGradMode(createGraph, () => {
    const order = schedule(root, targets);
    const wanted = targets && new Set(order);
    waiting.add(root, start);
    try {
      for (const node of order) step(node, wanted);
    } finally {
      waiting.end();
    }
  });
  return found;
}

/** The gradient as the hooks of its tensor leave it. */
function runHooks(hooks: readonly Hook<Tensor>[], gradient: Tensor, waiting: WaitingGradients): Tensor {
  let current = gradient;
  // A copy: a hook may remove itself.
  for (const hook of [...hooks]) {
    waiting.handOver(current);
    const replaced = hook(current);
    if (!replaced) continue;
    requireLike(current, replaced, 'what a hook returned', 'the gradient it got');
    replaced.storage.retain();
    waiting.letGo(current);
    current = replaced;
  }
  return current;
}

/**
 * The gradients on their way, each held until its node has passed it on. Those that the library's own rules made are
 * then freed at once, and so is what the rules made beside them; what a user has seen lives on like any tensor of his,
 * and so does everything when the walk is itself recorded.
 */
class WaitingGradients {
  readonly #createGraph: boolean;
  /** Null once a node has taken its own. */
  readonly #gradients = new Map<GraphNode<Tensor>, Tensor | null>();
  /** Where the library's own gradients belong. */
  readonly #own = new Scope();

  constructor(createGraph: boolean) {
    this.#createGraph = createGraph;
  }

  /** Adds to the gradient of a node. */
  add(node: GraphNode<Tensor>, gradient: Tensor): void {
    const before = this.#gradients.get(node);
    const sum = before ? before.add(gradient) : gradient;
    sum.storage.retain();
    this.#gradients.set(node, sum);
    if (before) this.letGo(before);
  }

  /** The whole gradient of a node, to be let go of later; null where none has come. */
  take(node: GraphNode<Tensor>): Tensor | null {
    const gradient = this.#gradients.get(node);
    if (!gradient) return null;
    this.#gradients.set(node, null);
    return gradient;
  }

  /** Runs the rule of a node and hands the results to where its inputs came from. */
  passOn(node: GraphNode<Tensor>, gradient: Tensor): void {
    const body = (): void => {
      const results = backwardOf(node, gradient, this.#createGraph);
      for (let i = 0; i < results.length; i++) {
        const edge = node.edges[i];
        const result = results[i];
        if (edge && result) this.add(edge, result);
      }
    };
    if (this.#createGraph || node.byUser) {
      body();
      return;
    }
    const mark = this.#own.mark;
    this.#own.run(body);
    this.#own.sweep(mark);
  }

  /** From now on a user may hold this gradient: the garbage collector, or the scope around the walk, sees to its end. */
  handOver({ storage }: Tensor): void {
    if (storage.scope === this.#own) storage.moveTo(openScope());
  }

  /** The walk is done with this gradient. */
  letGo({ storage }: Tensor): void {
    storage.release();
    if (!storage.held && storage.scope === this.#own) storage.free();
  }

  end(): void {
    this.#own.end();
  }
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

let visits = 0;

/** The nodes that matter, users before what they used. With targets, only nodes from which a target can be reached. */
function schedule(
  root: GraphNode<Tensor>,
  targets: ReadonlySet<GraphNode<Tensor>> | null,
): GraphNode<Tensor>[] {
  const visit = ++visits;
  const reached = [root];
  root.visit = visit;
  for (let i = 0; i < reached.length; i++) {
    for (const edge of reached[i].edges) {
      if (!edge || edge.visit === visit) continue;
      edge.visit = visit;
      reached.push(edge);
    }
  }
  reached.sort((a, b) => b.id - a.id);
  if (!targets) return reached;
  const needed = new Set<GraphNode<Tensor>>();
  for (const node of reached.toReversed()) {
    if (targets.has(node) || node.edges.some((edge) => edge && needed.has(edge))) needed.add(node);
  }
  return reached.filter((node) => needed.has(node));
}

/** The same values as a step of its own: what `grad` differentiates with respect to. */
export function alias(x: Tensor): Tensor {
  const result = new Tensor(x.storage, x.shape, x.strides, x.offset);
  if (x.node) record('alias', [x], result, [], (g) => [g]);
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
  const hooks = node.hooks ?? [];
  node.hooks = hooks;
  hooks.push(registered);
  return () => {
    const at = hooks.indexOf(registered);
    if (at >= 0) hooks.splice(at, 1);
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
