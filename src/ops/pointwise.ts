/**
 * Pointwise ops: declared once, as an expression. Value, derivatives of any order, fusion, FLOPs and every device's
 * code come from it. The backward of a pointwise op is again a pointwise op.
 */
import { differentiate, isZero, times } from '../../kernels/pointwise/derivative.ts';
import {
  type Expression,
  input,
  inputsOf,
  parameter,
  substitute,
} from '../../kernels/pointwise/expression.ts';
import { checkFinite, isAnomalyMode, modulePath } from '../autograd/anomaly.ts';
import { record, wantsGrad } from '../autograd/record.ts';
import type { DType } from '../device/device.ts';
import { fuse } from '../device/fusion.ts';
import { Storage } from '../device/storage.ts';
import { OpError } from '../tensor/errors.ts';
import { broadcastShapes, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { argumentCheck, type NotDifferentiable, named, type Op, requireOneDevice } from './define.ts';
import type { Domain } from './domain.ts';
import { unbroadcast } from './unbroadcast.ts';

/** How the result's type follows from the types of the tensors that went in. */
export type TypeRule = (dtypes: readonly DType[]) => DType;

const none: readonly number[] = [];

const width: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2, float64: 3 };

/** The widest of some types, and of `least`. */
function widest(dtypes: readonly DType[], least: DType): DType {
  let result = least;
  for (const dtype of dtypes) if (width[dtype] > width[result]) result = dtype;
  return result;
}

/** Results are floating: integers and truth values become float32. */
export const floating: TypeRule = (dtypes) => widest(dtypes, 'float32');

/** Integers stay integers; truth values count as integers. */
export const arithmetic: TypeRule = (dtypes) => widest(dtypes, 'int32');

/** The result is a truth value. */
export const truth: TypeRule = () => 'bool';

export interface PointwiseDefinition<Args extends readonly unknown[]> {
  readonly name: string;
  /** As in `OpDefinition`. Default: as many tensors or numbers as `value` has operands. */
  readonly takes?: string;
  readonly doc: string;
  /** The value at one element. Numbers among the operands arrive as parameters. */
  readonly value: (...operands: Expression[]) => Expression;
  /** Partial derivatives, from the operands and the value y. Default: derived from `value`. */
  readonly derivative?: (operands: readonly Expression[], y: Expression) => readonly Expression[];
  /** The operands of a call, in the order of `value`. Default: the arguments. */
  readonly operands?: (...args: Args) => readonly (Tensor | number)[];
  /** Default `floating`. */
  readonly type?: TypeRule;
  readonly differentiable?: NotDifferentiable;
  readonly domain: Domain<NoInfer<Args>>;
}

/** A value and its partial derivatives as expressions: inputs, then (for derivatives) the output. */
interface Rule {
  readonly value: Expression;
  /** The gradient of input i; null where none flows. */
  readonly gradient: (index: number) => Partial | null;
  /** By the inputs that want a gradient, a bit for each. */
  readonly plans: Plan[];
}

/** One gradient of a pointwise op: a smaller rule over those tensors that it reads. */
interface Partial {
  readonly rule: Rule;
  /** Slots: the inputs, then the output, then the output's gradient. */
  readonly reads: readonly number[];
}

export function definePointwise<Args extends readonly unknown[]>(
  definition: PointwiseDefinition<Args>,
): Op<Args> {
  const { name, takes, doc, value, operands, type = floating, differentiable = true, domain } = definition;
  const variants: Variant[] = [];
  const check = argumentCheck(name, takes);
  const call = (...args: Args): Tensor => {
    check?.(args);
    const given = operands ? operands(...args) : (args as unknown as readonly (Tensor | number)[]);
    if (given.length !== value.length) {
      throw new OpError(name, `is given ${given.length} operands, but takes ${value.length}`);
    }
    let pattern = 0;
    for (let i = 0; i < given.length; i++) {
      const operand = given[i];
      if (operand instanceof Tensor) pattern |= 1 << i;
      else if (typeof operand !== 'number') {
        const text = typeof operand === 'string' ? `'${operand}'` : String(operand);
        throw new OpError(name, `operand ${i} is ${text}, neither a tensor nor a number`);
      }
    }
    if (pattern === 0) throw new OpError(name, 'needs at least one tensor among its arguments');
    variants[pattern] ??= variantFor(definition, pattern);
    const variant = variants[pattern];
    const mixed = variant.numbers.length > 0;
    const tensors = mixed ? variant.tensors.map((i) => given[i] as Tensor) : (given as readonly Tensor[]);
    const numbers = mixed ? variant.numbers.map((i) => given[i] as number) : none;
    const dtypes = tensors.map((x) => x.dtype);
    // A fraction beside integers makes the result floating, rather than being cut.
    for (const number of numbers) if (!Number.isInteger(number)) dtypes.push('float32');
    return apply(name, variant.rule, tensors, numbers, type(dtypes));
  };
  return named(call, { name, kind: 'pointwise', doc, differentiable, domain });
}

/** A pointwise op when certain of its operands are tensors and the others numbers. */
interface Variant {
  readonly rule: Rule;
  /** Which operands are tensors, and which numbers. */
  readonly tensors: readonly number[];
  readonly numbers: readonly number[];
}

/** @param pattern has a bit for each operand that is a tensor */
function variantFor<Args extends readonly unknown[]>(
  { name, value, derivative, differentiable }: PointwiseDefinition<Args>,
  pattern: number,
): Variant {
  const tensors: number[] = [];
  const numbers: number[] = [];
  const operands = Array.from({ length: value.length }, (_, i) =>
    pattern & (1 << i) ? input(tensors.push(i) - 1) : parameter(numbers.push(i) - 1),
  );
  const root = value(...operands);
  const output = input(tensors.length);
  const incoming = input(tensors.length + 1);
  const rule = makeRule(root, (index) => {
    if (differentiable) throw new OpError(name, `has no derivative: ${differentiable.notDifferentiable}`);
    const slope = derivative ? derivative(operands, output)[tensors[index]] : differentiate(root, index);
    return times(slope, incoming);
  });
  return { rule, tensors, numbers };
}

/** @param gradient of input i, reading the inputs, then the output, then the output's gradient */
function makeRule(value: Expression, gradient: (index: number) => Expression): Rule {
  return {
    value,
    gradient: (index) => {
      const expression = gradient(index);
      return isZero(expression) ? null : partial(expression);
    },
    plans: [],
  };
}

const partials = new Map<Expression, Partial>();

/** Renumbers the inputs that a gradient expression reads to 0, 1, …, so that the others need not be kept. */
function partial(expression: Expression): Partial {
  let result = partials.get(expression);
  if (!result) {
    const reads = inputsOf(expression);
    const value = substitute(expression, (leaf) =>
      leaf.fn === 'input' ? input(reads.indexOf(leaf.value)) : leaf,
    );
    const incoming = input(reads.length + 1);
    result = { reads, rule: makeRule(value, (index) => times(differentiate(value, index), incoming)) };
    partials.set(expression, result);
  }
  return result;
}

/** Applies a pointwise rule: leaves a pending result and records the step. */
function apply(
  name: string,
  rule: Rule,
  tensors: readonly Tensor[],
  parameters: readonly number[],
  dtype: DType,
): Tensor {
  requireOneDevice(name, tensors);
  const shape =
    tensors.length === 1
      ? tensors[0].shape
      : broadcastShapes(
          name,
          tensors.map((x) => x.shape),
        );
  const pending = fuse(rule.value, tensors, parameters, shape, dtype);
  const output = new Tensor(new Storage(tensors[0].device, dtype, sizeOf(shape), { pending }), shape);
  if (isAnomalyMode()) checkFinite(name, tensors, output, modulePath());
  const differentiable = dtype === 'float32' || dtype === 'float64';
  if (differentiable && wantsGrad(tensors)) recordPointwise(name, rule, tensors, parameters, output);
  return output;
}

/** How the gradients of certain inputs are computed, and from what. */
interface Plan {
  /** The slots that the tape keeps: inputs, then the output. */
  readonly saved: readonly number[];
  /** One per input; null where none flows. */
  readonly gradients: readonly (PlannedGradient | null)[];
}

interface PlannedGradient {
  readonly rule: Rule;
  /** Where among the saved tensors each operand stands; −1 for the gradient of the output. */
  readonly operands: readonly number[];
}

/** @param wanted has a bit for each of the inputs that wants a gradient */
function makePlan(rule: Rule, inputs: number, wanted: number): Plan {
  const parts = Array.from({ length: inputs }, (_, i) => (wanted & (1 << i) ? rule.gradient(i) : null));
  const reads = new Set(parts.flatMap((part) => part?.reads ?? []));
  reads.delete(inputs + 1); // the gradient of the output, which comes with the walk
  const saved = [...reads].sort((a, b) => a - b);
  const gradients = parts.map(
    (part) => part && { rule: part.rule, operands: part.reads.map((slot) => saved.indexOf(slot)) },
  );
  return { saved, gradients };
}

function recordPointwise(
  name: string,
  rule: Rule,
  tensors: readonly Tensor[],
  parameters: readonly number[],
  output: Tensor,
): void {
  let wanted = 0;
  for (let i = 0; i < tensors.length; i++) if (tensors[i].node) wanted |= 1 << i;
  rule.plans[wanted] ??= makePlan(rule, tensors.length, wanted);
  const { saved: slots, gradients } = rule.plans[wanted];
  const saved = pick(slots, tensors, output);
  const node = record(name, tensors, output, saved, (gradient) =>
    gradients.map((planned, i) => {
      if (!planned) return null;
      const { shapes, dtypes } = node;
      // A slope of 1: the gradient itself, without a copy.
      const passes = planned.rule.value.fn === 'input' && gradient.dtype === dtypes[i];
      if (passes) return unbroadcast(gradient, shapes[i]);
      const operands = planned.operands.map((at) => (at < 0 ? gradient : saved[at]));
      const result = apply(`${name} backward`, planned.rule, operands, parameters, dtypes[i]);
      return unbroadcast(result, shapes[i]);
    }),
  );
}

/** The tensors in some slots. A function of its own, so that a step's rule does not hold on to the others. */
function pick(slots: readonly number[], tensors: readonly Tensor[], output: Tensor): readonly Tensor[] {
  return slots.map((slot) => (slot < tensors.length ? tensors[slot] : output));
}
