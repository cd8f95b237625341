/**
 * How an op is declared. One record holds everything about it; calling it, its Tensor method, its gradient test, the
 * FLOP count and its row in the documentation follow from the record.
 *
 * - `definePointwise` (pointwise.ts): one expression per element; derivative derived.
 * - `defineOp`: shape rule, forward on the device's kernels, backward. An op that has no derivative must say why.
 * - `defineComposite`: written from other ops; needs no rule.
 */
import { checkFinite, isAnomalyMode, modulePath } from '../autograd/anomaly.ts';
import { alias, gradients } from '../autograd/backward.ts';
import { withGradMode } from '../autograd/mode.ts';
import { record, wantsGrad } from '../autograd/record.ts';
import { countFlops } from '../device/flops.ts';
import { openScope } from '../device/scope.ts';
import { OpError } from '../tensor/errors.ts';
import type { Shape } from '../tensor/shape.ts';
import { signature } from '../tensor/signature.ts';
import { Tensor } from '../tensor/tensor.ts';
import type { Domain } from './domain.ts';

/** Says that an op has no derivative, and why. */
export interface NotDifferentiable {
  readonly notDifferentiable: string;
}

export function notDifferentiable(reason: string): NotDifferentiable {
  return { notDifferentiable: reason };
}

/** What every op declares about itself: the row it fills in tables and tests. */
export interface OpRecord<Args extends readonly unknown[]> {
  readonly name: string;
  readonly kind: 'pointwise' | 'primitive' | 'composite';
  /** One sentence: what it computes, its shapes, its conventions. */
  readonly doc: string;
  readonly differentiable: true | NotDifferentiable;
  readonly domain: Domain<NoInfer<Args>>;
}

/** An op: a function that carries its record. */
export type Op<Args extends readonly unknown[]> = ((...args: Args) => Tensor) & {
  readonly record: OpRecord<Args>;
};

/** What a backward rule may read. */
export interface Saved<Options> {
  /** The inputs; only those that `saves` lists may be read. */
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly shapes: readonly Shape[];
  readonly options: Options;
  /** Which inputs want a gradient. */
  readonly wanted: readonly boolean[];
}

export interface OpDefinition<Args extends readonly unknown[], Options> {
  readonly name: string;
  /** What it takes, in the language of `signature`: refuses other calls before `parse`. Default: unchecked. */
  readonly takes?: string;
  readonly doc: string;
  /** Checks a call and brings it into order: which tensors go in, with which options. Throws OpError. */
  readonly parse: (...args: Args) => { inputs: readonly Tensor[]; options: Options };
  /** The shape rule. */
  readonly shape: (inputs: readonly Tensor[], options: Options) => Shape;
  /** The result. What else it makes on the way, such as contiguous copies, is freed when it returns. */
  readonly forward: (inputs: readonly Tensor[], options: Options, shape: Shape) => Tensor;
  /**
   * Gradients of the inputs (null where none flows) from the gradient of the output, in terms of ops. What it is given
   * and what it makes live until they have been passed on, unless the walk is itself recorded: it must keep nothing.
   */
  readonly backward:
    | ((gradient: Tensor, saved: Saved<Options>) => readonly (Tensor | null)[])
    | NotDifferentiable;
  /** What backward reads: numbers of inputs, 'output'. Default: all inputs. */
  readonly saves?: readonly (number | 'output')[];
  /** Floating-point operations of one forward. */
  readonly flops: (inputs: readonly Tensor[], options: Options, shape: Shape) => number;
  /** Operations of a backward that is a kernel; one written from ops is counted as they run. */
  readonly backwardFlops?: (inputs: readonly Tensor[]) => number;
  /** The same function from other ops. An op whose backward is a kernel needs it: gradients of gradients run through it. */
  readonly composite?: (inputs: readonly Tensor[], options: Options) => Tensor;
  readonly domain: Domain<NoInfer<Args>>;
}

/** Declares an op over the kernel contract. */
export function defineOp<Args extends readonly unknown[], Options>(
  definition: OpDefinition<Args, Options>,
): Op<Args> {
  const { name, doc, backward, domain } = definition;
  const differentiable = typeof backward === 'function' ? true : backward;
  const check = argumentCheck(name, definition.takes);
  const call = (...args: Args): Tensor => {
    check?.(args);
    const { inputs, options } = definition.parse(...args);
    requireOneDevice(name, inputs);
    const shape = definition.shape(inputs, options);
    const scope = openScope();
    const mark = scope?.mark ?? 0;
    const output = definition.forward(inputs, options, shape);
    scope?.sweep(mark, output.storage);
    countFlops(definition.flops(inputs, options, shape));
    if (isAnomalyMode()) checkFinite(name, inputs, output, modulePath());
    if (typeof backward === 'function' && wantsGrad(inputs)) {
      recordOp(definition, backward, inputs, options, output);
    }
    return output;
  };
  return named(call, { name, kind: 'primitive', doc, differentiable, domain });
}

function recordOp<Args extends readonly unknown[], Options>(
  { name, saves, composite, backwardFlops }: OpDefinition<Args, Options>,
  rule: (gradient: Tensor, saved: Saved<Options>) => readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  options: Options,
  output: Tensor,
): void {
  // The rule refers to these alone, so that the tape keeps alive nothing else.
  const readable = saves ? inputs.map((x, i) => (saves.includes(i) ? x : unsaved)) : inputs;
  const readableOutput = saves?.includes('output') ? output : unsaved;
  // A fused op's composite starts from the inputs again.
  const all = composite ? inputs : readable;
  const kept = all.filter((x) => x !== unsaved);
  if (readableOutput) kept.push(output);
  // Tensors among the options (places of queries) are read again, too.
  for (const name in options) {
    const value: unknown = options[name];
    if (value instanceof Tensor) kept.push(value);
  }
  const launched = backwardFlops?.(inputs) ?? 0;
  const node = record(name, inputs, output, kept, (gradient, createGraph) => {
    const { shapes, edges } = node;
    const wanted = edges.map((edge) => edge !== null);
    if (createGraph && composite) return throughComposite(composite, all, options, gradient, wanted);
    countFlops(launched);
    return rule(gradient, { inputs: readable, output: readableOutput, shapes, options, wanted });
  });
}

/** What stands in place of a tensor that was not saved. */
const unsaved = undefined as unknown as Tensor;

/** The backward of a fused op when it is itself being recorded: differentiates the composite instead. */
function throughComposite<Options>(
  composite: (inputs: readonly Tensor[], options: Options) => Tensor,
  inputs: readonly Tensor[],
  options: Options,
  gradient: Tensor,
  wanted: readonly boolean[],
): (Tensor | null)[] {
  const aliases = inputs.map((x, i) => (wanted[i] ? alias(x) : x));
  const output = withGradMode(true, () => composite(aliases, options));
  const results = gradients(
    output,
    aliases.filter((_, i) => wanted[i]),
    { gradient, createGraph: true },
  );
  let next = 0;
  return wanted.map((want) => (want ? results[next++] : null));
}

/** Declares an op written from other ops: their rules make its gradient. */
export function defineComposite<Args extends readonly unknown[]>(definition: {
  readonly name: string;
  /** As in `OpDefinition`. */
  readonly takes?: string;
  readonly doc: string;
  readonly compute: (...args: Args) => Tensor;
  readonly differentiable?: NotDifferentiable;
  readonly domain: Domain<NoInfer<Args>>;
}): Op<Args> {
  const { name, doc, compute, differentiable = true, domain } = definition;
  const check = argumentCheck(name, definition.takes);
  const call = (...args: Args): Tensor => {
    check?.(args);
    return compute(...args);
  };
  return named(call, { name, kind: 'composite', doc, differentiable, domain });
}

/** The check of an op's arguments before anything else reads them; undefined where it does not say what it takes. */
export function argumentCheck(
  name: string,
  takes?: string,
): ((args: readonly unknown[]) => void) | undefined {
  return takes === undefined ? undefined : signature(name, takes);
}

/** Gives a function its record, and its name for stack traces. */
export function named<Args extends readonly unknown[]>(
  call: (...args: Args) => Tensor,
  record: OpRecord<Args>,
): Op<Args> {
  Object.defineProperty(call, 'name', { value: record.name });
  return Object.assign(call, { record });
}

/** @throws OpError that says how to move, when the inputs live on different devices. */
export function requireOneDevice(op: string, inputs: readonly Tensor[]): void {
  for (let i = 1; i < inputs.length; i++) {
    const home = inputs[0].device;
    const other = inputs[i].device;
    if (other === home) continue;
    throw new OpError(
      op,
      `argument 1 lives on ${home.name} and argument ${i + 1} on ${other.name}; ` +
        'move one of them with await toDevice(x, device)',
    );
  }
}
