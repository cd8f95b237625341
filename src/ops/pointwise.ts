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
import { fuse, type Operand } from '../device/fusion.ts';
import { Storage } from '../device/storage.ts';
import { OpError } from '../tensor/errors.ts';
import { broadcastShapes, broadcastStrides, sameShape, sizeOf } from '../tensor/shape.ts';
import { Tensor } from '../tensor/tensor.ts';
import { argumentCheck, type NotDifferentiable, named, type Op, requireOneDevice } from './define.ts';
import type { Domain } from './domain.ts';
import { unbroadcast } from './unbroadcast.ts';

/** How the result's type follows from the types of the tensors that went in. */
export type TypeRule = (dtypes: readonly DType[]) => DType;

const order: readonly DType[] = ['bool', 'int32', 'float32', 'float64'];

function widest(dtypes: readonly DType[]): DType {
  return order[Math.max(...dtypes.map((dtype) => order.indexOf(dtype)))];
}

/** Results are floating: integers and truth values become float32. */
export const floating: TypeRule = (dtypes) =>
  order[Math.max(order.indexOf(widest(dtypes)), order.indexOf('float32'))];

/** Integers stay integers; truth values count as integers. */
export const arithmetic: TypeRule = (dtypes) =>
  order[Math.max(order.indexOf(widest(dtypes)), order.indexOf('int32'))];

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
  /** Gradient of input i: reads the inputs, then the output, then the output's gradient. */
  readonly gradient: (index: number) => Expression;
}

export function definePointwise<Args extends readonly unknown[]>(
  definition: PointwiseDefinition<Args>,
): Op<Args> {
  const { name, takes, doc, value, operands, type = floating, differentiable = true, domain } = definition;
  const variants = new Map<string, Rule>();
  const check = argumentCheck(name, takes);
  const call = (...args: Args): Tensor => {
    check?.(args);
    const given = operands ? operands(...args) : (args as unknown as readonly (Tensor | number)[]);
    if (given.length !== value.length) {
      throw new OpError(name, `is given ${given.length} operands, but takes ${value.length}`);
    }
    const odd = given.findIndex((operand) => typeof operand !== 'number' && !(operand instanceof Tensor));
    if (odd >= 0) {
      const text = typeof given[odd] === 'string' ? `'${given[odd]}'` : String(given[odd]);
      throw new OpError(name, `operand ${odd} is ${text}, neither a tensor nor a number`);
    }
    const pattern = given.map((operand) => (typeof operand === 'number' ? 'n' : 't')).join('');
    let rule = variants.get(pattern);
    if (!rule) {
      rule = ruleFor(definition, pattern);
      variants.set(pattern, rule);
    }
    const tensors = given.filter((operand): operand is Tensor => typeof operand !== 'number');
    const numbers = given.filter((operand): operand is number => typeof operand === 'number');
    if (tensors.length === 0) throw new OpError(name, 'needs at least one tensor among its arguments');
    // A fraction beside integers makes the result floating, rather than being cut.
    const fractions = numbers.filter((number) => !Number.isInteger(number)).map((): DType => 'float32');
    return apply(name, rule, tensors, numbers, type([...tensors.map((x) => x.dtype), ...fractions]));
  };
  return named(call, { name, kind: 'pointwise', doc, differentiable, domain });
}

/** The expressions for a call whose operands are tensors ('t') and numbers ('n') in this pattern. */
function ruleFor<Args extends readonly unknown[]>(
  { name, value, derivative, differentiable }: PointwiseDefinition<Args>,
  pattern: string,
): Rule {
  let inputs = 0;
  let parameters = 0;
  const operands = [...pattern].map((kind) => (kind === 't' ? input(inputs++) : parameter(parameters++)));
  const root = value(...operands);
  const output = input(inputs);
  const incoming = input(inputs + 1);
  return {
    value: root,
    gradient: (index) => {
      if (differentiable) throw new OpError(name, `has no derivative: ${differentiable.notDifferentiable}`);
      const position = operands.indexOf(input(index));
      const slope = derivative ? derivative(operands, output)[position] : differentiate(root, index);
      return times(slope, incoming);
    },
  };
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
  const operands: Operand[] = tensors.map((x) => ({
    storage: x.storage,
    shape,
    strides: broadcastStrides(x.shape, x.strides, shape),
    offset: x.offset,
    whole: x.isWhole && sameShape(x.shape, shape),
  }));
  const pending = fuse(rule.value, operands, parameters, shape, dtype);
  const output = new Tensor(new Storage(tensors[0].device, dtype, sizeOf(shape), { pending }), shape);
  if (isAnomalyMode()) checkFinite(name, tensors, output, modulePath());
  const differentiable = dtype === 'float32' || dtype === 'float64';
  if (differentiable && wantsGrad(tensors)) recordPointwise(name, rule, tensors, parameters, output);
  return output;
}

/** One gradient of a pointwise op: a smaller rule over those tensors that it reads. */
interface Partial {
  readonly rule: Rule;
  readonly reads: readonly number[];
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
    result = { reads, rule: { value, gradient: (index) => times(differentiate(value, index), incoming) } };
    partials.set(expression, result);
  }
  return result;
}

function recordPointwise(
  name: string,
  rule: Rule,
  tensors: readonly Tensor[],
  parameters: readonly number[],
  output: Tensor,
): void {
  const outputSlot = tensors.length;
  const gradientSlot = outputSlot + 1;
  const parts = tensors.map((x, i) => {
    const expression = x.requiresGrad ? rule.gradient(i) : null;
    return expression && !isZero(expression) ? partial(expression) : null;
  });
  const reads = new Set(parts.flatMap((part) => part?.reads ?? []));
  const saved = tensors.filter((_, i) => reads.has(i));
  if (reads.has(outputSlot)) saved.push(output);
  const shapes = tensors.map((x) => x.shape);
  const dtypes = tensors.map((x) => x.dtype);
  const available = [...tensors, output].map((x, i) => (reads.has(i) ? x : null));
  record(name, tensors, output, saved, (gradient) =>
    parts.map((part, i) => {
      if (!part) return null;
      // A slope of 1: the gradient itself, without a copy.
      const passes = part.rule.value.fn === 'input' && gradient.dtype === dtypes[i];
      if (passes) return unbroadcast(gradient, shapes[i]);
      const sources = part.reads.map((slot) =>
        slot === gradientSlot ? gradient : (available[slot] as Tensor),
      );
      const result = apply(`${name} backward`, part.rule, sources, parameters, dtypes[i]);
      return unbroadcast(result, shapes[i]);
    }),
  );
}
