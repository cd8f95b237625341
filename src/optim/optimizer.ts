/**
 * What all optimizers share: parameters by name, moments beside them, stepping, saving. An optimizer itself is a rule:
 * which moments a parameter has, and new values from old ones. Where every number is treated alike it is a
 * `PointwiseRule`, mathematics of one number, which a single kernel applies in place; otherwise it is written as ops on
 * tensors (`UpdateRule`).
 */
import type { View } from '../../kernels/contract.ts';
import { type Expression, input, parameter as number } from '../../kernels/pointwise/expression.ts';
import { compileTogether, type Program } from '../../kernels/pointwise/program.ts';
import { noGrad } from '../autograd/mode.ts';
import type { Buffer } from '../device/device.ts';
import { countFlops } from '../device/flops.ts';
import { reference } from '../device/reference.ts';
import { inScope } from '../device/scope.ts';
import { contiguousCopy } from '../tensor/contiguous.ts';
import { tensor, zeros } from '../tensor/create.ts';
import { few, OpError, shapeText } from '../tensor/errors.ts';
import { type Shape, sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Parameters with the names under which their moments are saved: what `Module.namedParameters()` gives. */
export type NamedParameters = readonly (readonly [name: string, parameter: Tensor])[];

/** Parameters that share settings. */
export interface ParameterGroup {
  readonly parameters: NamedParameters;
  /** Multiplies the learning rate handed to `step`. Default 1. */
  readonly learningRateScale?: number;
  /** Takes the place of the optimizer's own. */
  readonly weightDecay?: number;
}

/** What an optimizer is made for: parameters that share all settings, or groups of them. */
export type Trainable = NamedParameters | readonly ParameterGroup[];

/** The running averages of one parameter, by name. */
export type Moments = Readonly<Record<string, Tensor>>;

/** The settings of one update. */
export interface StepSettings {
  /** Counts the updates of this parameter, from 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** What an update may read. */
export interface UpdateContext extends StepSettings {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly moments: Moments;
}

/** The new values of the parameter and, under their own names, of every moment. */
export interface Update {
  readonly parameter: Tensor;
  readonly [moment: string]: Tensor;
}

export interface UpdateRule {
  /** Shapes of the moments of a parameter of this shape; they start at 0. */
  readonly moments: (shape: Shape) => Readonly<Record<string, Shape>>;
  /** Runs without recording. */
  readonly update: (context: UpdateContext) => Update;
  /** What a `PointwiseRule` has. */
  readonly numbers?: undefined;
}

export interface PointwiseRule {
  /** Names of the moments: each has the parameter's shape and starts at 0. */
  readonly moments: readonly string[];
  /** What `update` needs of the step's settings. */
  readonly numbers: (settings: StepSettings) => readonly number[];
  /** The new values: of the parameter, then of each moment. */
  readonly update: (
    old: readonly [parameter: Expression, gradient: Expression, ...moments: Expression[]],
    numbers: readonly Expression[],
  ) => readonly Expression[];
}

/** A parameter with what its updates depend on. */
interface Slot {
  readonly name: string;
  readonly parameter: Tensor;
  readonly moments: Moments;
  readonly learningRateScale: number;
  readonly weightDecay: number;
  steps: number;
}

/**
 * Base of AdamW, Sgd and Adafactor.
 *
 * The moments are made here, once; a step assigns to them. Built outside any scope (see device/scope.ts) they
 * therefore live as long as the optimizer, while what a step computes on the way is freed after each parameter.
 */
export class Optimizer {
  readonly #name: string;
  readonly #rule: UpdateRule | PointwiseRule;
  /** The program of a pointwise rule. */
  readonly #program: Program | null;
  readonly #slots: readonly Slot[];

  /**
   * @param name for messages
   * @param weightDecay for groups that do not set their own
   * @throws OpError if there is no parameter, or a name or tensor comes twice
   */
  constructor(name: string, parameters: Trainable, weightDecay: number, rule: UpdateRule | PointwiseRule) {
    this.#name = name;
    this.#rule = rule;
    this.#program = isPointwise(rule) ? programOf(rule) : null;
    this.#slots = groupsOf(parameters).flatMap((group) => {
      const settings = {
        learningRateScale: group.learningRateScale ?? 1,
        weightDecay: group.weightDecay ?? weightDecay,
      };
      requireRange(name, 'learningRateScale', settings.learningRateScale, 0);
      requireRange(name, 'weightDecay', settings.weightDecay, 0);
      return group.parameters.map(([key, parameter]): Slot => {
        const moments = makeMoments(parameter, momentShapes(rule, parameter.shape));
        return { name: key, parameter, moments, ...settings, steps: 0 };
      });
    });
    requireDistinct(name, this.#slots);
  }

  /**
   * Updates every parameter from its `.grad`. One without a gradient is passed over: neither its values nor its
   * moments nor its own count of steps change.
   *
   * @param learningRate for this step; take it from a schedule
   */
  step(learningRate: number): void {
    requireRange(`${this.#name}.step`, 'learningRate', learningRate, 0);
    for (const slot of this.#slots) {
      if (slot.parameter.grad) this.#update(slot, slot.parameter.grad, learningRate);
    }
  }

  #update(slot: Slot, gradient: Tensor, learningRate: number): void {
    const { parameter, moments, weightDecay } = slot;
    const step = slot.steps + 1;
    const settings = { step, learningRate: learningRate * slot.learningRateScale, weightDecay };
    const rule = this.#rule;
    // What is made on the way is freed with the scope; the new values live on where they are written.
    inScope(() => {
      if (isPointwise(rule)) {
        this.#requireFit(slot, gradient);
        rewrite(
          this.#program as Program,
          [parameter, ...Object.values(moments)],
          gradient,
          rule.numbers(settings),
        );
        return;
      }
      const next = noGrad(() => rule.update({ parameter, gradient, moments, ...settings }));
      parameter.assign(next.parameter);
      for (const [name, moment] of Object.entries(moments)) moment.assign(next[name]);
    });
    slot.steps = step;
  }

  /** @throws OpError unless the parameter can be written in place, from this gradient */
  #requireFit({ name, parameter }: Slot, gradient: Tensor): void {
    const { shape, dtype, device } = gradient;
    const op = `${this.#name}.step`;
    if (!parameter.isWhole) {
      throw new OpError(op, `${name} is a view, which cannot take other values; train the tensor it shows`);
    }
    if (sameShape(shape, parameter.shape) && dtype === parameter.dtype && device === parameter.device) return;
    throw new OpError(
      op,
      `the gradient of ${name} is ${dtype} ${shapeText(shape)} on ${device.name}, but ${name} is ` +
        `${parameter.dtype} ${shapeText(parameter.shape)} on ${parameter.device.name}`,
    );
  }

  /** Forgets the gradients: the next `backward` starts from none. */
  zeroGrad(): void {
    for (const { parameter } of this.#slots) parameter.grad = null;
  }

  /**
   * The moments as `parameter.moment`, such as `layers.0.norm.weight.exponentialAverage`, sharing their values, and
   * each parameter's count of steps as `parameter.step`, an int32 scalar in ordinary memory (on `reference`).
   */
  stateDict(): Map<string, Tensor> {
    return new Map(
      this.#slots.flatMap(({ name, moments, steps }): [string, Tensor][] => [
        [`${name}.step`, tensor(steps, { dtype: 'int32', device: reference })],
        ...Object.entries(moments).map(([moment, value]): [string, Tensor] => [`${name}.${moment}`, value]),
      ]),
    );
  }

  /**
   * Takes over saved moments and counts: training then goes on to the last bit as where they were saved.
   *
   * @throws OpError, before anything is changed, if an entry is missing, unknown, or of another shape or dtype
   */
  loadStateDict(state: ReadonlyMap<string, Tensor>): void {
    const op = `${this.#name}.loadStateDict`;
    const own = this.stateDict();
    const missing = [...own.keys()].filter((key) => !state.has(key));
    const unknown = [...state.keys()].filter((key) => !own.has(key));
    if (missing.length > 0 || unknown.length > 0) {
      const difference = `missing: ${few(missing)}; unknown: ${few(unknown)}`;
      throw new OpError(op, `the state is of another model or optimizer (${difference})`);
    }
    for (const [key, value] of own) {
      const given = state.get(key)!;
      if (!sameShape(given.shape, value.shape) || given.dtype !== value.dtype) {
        const wanted = `${value.dtype} ${shapeText(value.shape)}`;
        throw new OpError(
          op,
          `${key} is ${given.dtype} ${shapeText(given.shape)}, the optimizer has ${wanted}`,
        );
      }
    }
    for (const slot of this.#slots) {
      slot.steps = state.get(`${slot.name}.step`)!.item();
      for (const [moment, value] of Object.entries(slot.moments)) {
        value.assign(state.get(`${slot.name}.${moment}`)!);
      }
    }
  }
}

function isPointwise(rule: UpdateRule | PointwiseRule): rule is PointwiseRule {
  return rule.numbers !== undefined;
}

function momentShapes(rule: UpdateRule | PointwiseRule, shape: Shape): Readonly<Record<string, Shape>> {
  if (!isPointwise(rule)) return rule.moments(shape);
  return Object.fromEntries(rule.moments.map((name) => [name, shape]));
}

/** The rule as a program that reads the parameter, its moments, then the gradient. */
function programOf({ moments, numbers, update }: PointwiseRule): Program {
  const [parameter, ...others] = Array.from({ length: moments.length + 1 }, (_, i) => input(i));
  const gradient = input(moments.length + 1);
  const count = numbers({ step: 1, learningRate: 0, weightDecay: 0 }).length;
  const leaves = Array.from({ length: count }, (_, i) => number(i));
  return compileTogether(update([parameter, gradient, ...others], leaves), moments.length + 2, count);
}

/** Writes new values over tensors that are whole, from their old ones and a gradient of their shape. */
function rewrite(
  program: Program,
  tensors: readonly Tensor[],
  gradient: Tensor,
  numbers: readonly number[],
): void {
  const { device, dtype, shape, strides, size } = tensors[0];
  const viewOf = (buffer: Buffer): View<Buffer> => ({ buffer, dtype, shape, strides, offset: 0 });
  const inputs: View<Buffer>[] = [];
  for (const tensor of tensors) inputs.push(viewOf(tensor.buffer));
  inputs.push(viewOf(contiguousCopy(gradient).buffer));
  const targets: View<Buffer>[] = [];
  for (const tensor of tensors) targets.push(viewOf(tensor.storage.rewrite()));
  device.kernels.update(program, inputs, numbers, targets);
  countFlops(program.flops * size);
}

function makeMoments({ dtype, device }: Tensor, shapes: Readonly<Record<string, Shape>>): Moments {
  const moments = Object.entries(shapes).map(([name, shape]) => [name, zeros(shape, { dtype, device })]);
  return Object.fromEntries(moments);
}

function groupsOf(parameters: Trainable): readonly ParameterGroup[] {
  const grouped = parameters.length > 0 && 'parameters' in parameters[0];
  return grouped
    ? (parameters as readonly ParameterGroup[])
    : [{ parameters: parameters as NamedParameters }];
}

function requireDistinct(op: string, slots: readonly Slot[]): void {
  if (slots.length === 0) throw new OpError(op, 'there is no parameter to train');
  slots.forEach(({ name, parameter }, i) => {
    const earlier = slots.slice(0, i);
    const twin = earlier.find((slot) => slot.parameter === parameter);
    if (twin)
      throw new OpError(op, `${twin.name} and ${name} are one tensor, to be updated once; list it once`);
    if (earlier.some((slot) => slot.name === name)) {
      throw new OpError(op, `two parameters are called ${name}; their moments need names of their own`);
    }
  });
}

/** @throws OpError unless min ≤ value < below */
export function requireRange(
  op: string,
  name: string,
  value: number,
  min: number,
  below: number = Number.POSITIVE_INFINITY,
): void {
  if (value >= min && value < below) return;
  const range = below === Number.POSITIVE_INFINITY ? `a number from ${min} up` : `in [${min}, ${below})`;
  throw new OpError(op, `${name} must be ${range}, not ${value}`);
}
