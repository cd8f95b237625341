/** Pointwise programs as GLSL: each instruction is a line that works on four elements, and a program is one kernel. */
import type { Kernels, View } from '../contract.ts';
import {
  type GpuBuffer,
  type GpuKernel,
  type GpuMachine,
  type GpuSource,
  literal,
  MOST_ELEMENTS,
} from '../glsl/kernel.ts';
import { layoutsOf, offsetOf, reader, type ViewLayout } from '../glsl/views.ts';
import { sizeOf } from '../strides.ts';
import type { Primitive } from './expression.ts';
import type { Program } from './program.ts';

/** A kernel reads no more textures than this. */
const MOST_INPUTS = 8;

/** What each primitive is in GLSL. Products and square roots are taken to be good everywhere. */
const calls: Record<Primitive, (a: string, b: string, c: string) => string> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `quotient(${a}, ${b})`,
  pow: (a, b) => `powOf(${a}, ${b})`,
  maximum: (a, b) => `larger(${a}, ${b})`,
  minimum: (a, b) => `smaller(${a}, ${b})`,
  lessThan: (a, b) => `(vec4(lessThan(${a}, ${b})) * n_one)`,
  lessEqual: (a, b) => `(vec4(lessThanEqual(${a}, ${b})) * n_one)`,
  equal: (a, b) => `(vec4(equal(${a}, ${b})) * n_one)`,
  select: (condition, a, b) => `choose(${condition}, ${a}, ${b})`,
  neg: (a) => `-${a}`,
  abs: (a) => `abs(${a})`,
  sign: (a) => `signOf(${a})`,
  exp: (a) => `expOf(${a})`,
  expm1: (a) => `expm1Of(${a})`,
  log: (a) => `logOfSum(0.0, ${a})`,
  log1p: (a) => `logOfSum(1.0, ${a})`,
  sqrt: (a) => `sqrt(${a})`,
  sin: (a) => `sinOf(${a})`,
  cos: (a) => `cosOf(${a})`,
  tanh: (a) => `tanhOf(${a})`,
  sigmoid: (a) => `sigmoidOf(${a})`,
  erf: (a) => `erfOf(${a})`,
};

type PointwiseKernels = Pick<Kernels<GpuBuffer>, 'pointwise' | 'update'>;

export function gpuPointwise(machine: GpuMachine, otherwise: Kernels<GpuBuffer>): PointwiseKernels {
  const isReadable = ({ buffer }: { buffer: GpuBuffer }): boolean => machine.isExact(buffer);
  /** Whole numbers are compared to the last digit, also with a number that a float cannot hold. */
  const isExact = (inputs: readonly View<GpuBuffer>[], numbers: readonly number[]): boolean =>
    inputs.every(isReadable) &&
    (!inputs.some(({ dtype }) => dtype === 'int32') ||
      numbers.every((number) => !(Math.abs(number) > MOST_ELEMENTS)));
  return {
    pointwise: (program, inputs, parameters, out) => {
      const isWhole = out.dtype === 'int32' || !isExact(inputs, [...parameters, ...program.constants]);
      if (isWhole || inputs.length > MOST_INPUTS) {
        otherwise.pointwise(program, inputs, parameters, out);
        return;
      }
      const kernel = pointwiseKernel(program, 0, layoutsOf(out.shape, inputs), out.dtype === 'bool');
      machine.run(kernel, buffersOf(inputs), numbersOf(inputs, parameters), out.buffer);
    },

    update: (program, inputs, parameters, targets) => {
      const size = sizeOf(targets[0].shape);
      const areWhole = targets.every(({ buffer }) => buffer.dtype === 'float32' && buffer.length === size);
      if (!areWhole || inputs.length > MOST_INPUTS || !inputs.every(isReadable)) {
        otherwise.update(program, inputs, parameters, targets);
        return;
      }
      const layouts = layoutsOf(targets[0].shape, inputs);
      const buffers = buffersOf(inputs);
      const numbers = numbersOf(inputs, parameters);
      // All results are computed from the old numbers before any takes its target's place.
      const results = targets.map((_, k) => {
        const result = machine.scratch(size);
        machine.run(pointwiseKernel(program, k, layouts, false), buffers, numbers, result);
        return result;
      });
      for (const [k, target] of targets.entries()) machine.move(results[k], target.buffer);
    },
  };
}

function buffersOf(views: readonly { readonly buffer: GpuBuffer }[]): GpuBuffer[] {
  return views.map(({ buffer }) => buffer);
}

/**
 * The numbers of a pointwise kernel, in its order. Infinity and NaN are among them, for GLSL has no name for them, and so is
 * 1: a driver that knew what a comparison gives would make a choice by it, such as relu, a maximum, which loses NaN.
 */
function numbersOf(views: readonly { readonly offset: number }[], parameters: readonly number[]): number[] {
  return [...views.map(({ offset }) => offset), ...parameters, Number.POSITIVE_INFINITY, Number.NaN, 1];
}

/** The kernel of one of a program's results. Its key is made by hand: it is made at every launch. */
export function pointwiseKernel(
  program: Program,
  result: number,
  layouts: readonly ViewLayout[],
  toBool: boolean,
): GpuKernel {
  let key = `${program.key}/${result}/${toBool} ${layouts[0]?.inner.join()}`;
  for (const { strides, aligned } of layouts) key += ` ${strides.join()}/${aligned}`;
  return { key, source: () => sourceOf(program, result, layouts, toBool) };
}

function sourceOf(
  program: Program,
  result: number,
  layouts: readonly ViewLayout[],
  toBool: boolean,
): GpuSource {
  const textures = layouts.map((_, i) => `x${i}`);
  const parameters = Array.from({ length: program.parameters }, (_, i) => `p${i}`);
  const slots = [
    ...textures,
    ...parameters.map((name) => `vec4(n_${name})`),
    ...program.constants.map((value) => `vec4(${constantText(value)})`),
  ];
  const lines = textures.map((name) => `vec4 ${name} = ${name}_read(t);`);
  for (const { fn, args } of program.instructions) {
    const [a, b, c] = args.map((slot) => slots[slot]);
    const name = `y${slots.length}`;
    lines.push(`vec4 ${name} = ${calls[fn](a, b, c)};`);
    slots.push(name);
  }
  const value = slots[program.results[result]];
  return {
    textures,
    numbers: [...textures.map(offsetOf), ...parameters, 'infinity', 'nan', 'one'],
    code: `${textures.map((name, i) => reader(name, layouts[i])).join('\n')}
vec4 texel(float t) {
  ${lines.join('\n  ')}
  return ${toBool ? `vec4(notEqual(${value}, vec4(0.0)))` : value};
}`,
  };
}

function constantText(value: number): string {
  const rounded = Math.fround(value);
  if (Number.isFinite(rounded)) return literal(rounded);
  if (Number.isNaN(rounded)) return 'n_nan';
  return rounded > 0 ? 'n_infinity' : '-n_infinity';
}
