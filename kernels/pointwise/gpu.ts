/** Pointwise programs as gpu.js source. */
import type { View } from '../contract.ts';
import { sizeOf } from '../strides.ts';
import type { Primitive } from './expression.ts';
import { type GpuSource, offsetSource } from './gpu-index.ts';
import type { Program } from './program.ts';

/** What gpu.js computes alike on every backend. Its Math.pow of negative numbers is not, and it has no erf. */
const calls: Partial<Record<Primitive, (a: string, b: string, c: string) => string>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  neg: (a) => `-${a}`,
  maximum: (a, b) => `Math.max(${a}, ${b})`,
  minimum: (a, b) => `Math.min(${a}, ${b})`,
  lessThan: (a, b) => `${a} < ${b} ? 1 : 0`,
  lessEqual: (a, b) => `${a} <= ${b} ? 1 : 0`,
  equal: (a, b) => `${a} === ${b} ? 1 : 0`,
  select: (condition, a, b) => `${condition} !== 0 ? ${a} : ${b}`,
  abs: (a) => `Math.abs(${a})`,
  sign: (a) => `Math.sign(${a})`,
  exp: (a) => `Math.exp(${a})`,
  log: (a) => `Math.log(${a})`,
  sqrt: (a) => `Math.sqrt(${a})`,
  sin: (a) => `Math.sin(${a})`,
  cos: (a) => `Math.cos(${a})`,
  // GPUs compute tanh from exponentials that overflow; beyond 15 it is 1 in float32.
  tanh: (a) => `Math.tanh(Math.max(-15, Math.min(15, ${a})))`,
  // Not all GPUs have an infinity to divide by.
  sigmoid: (a) => `1 / (1 + Math.exp(Math.min(80, -(${a}))))`,
};

/** The program as a kernel of the inputs, then the parameters; null where gpu.js lacks one of its functions. */
export function gpuPointwise(
  program: Program,
  inputs: readonly View<unknown>[],
  out: View<unknown>,
): GpuSource | null {
  const { instructions, constants } = program;
  if (!instructions.every(({ fn }) => calls[fn]) || !constants.every(Number.isFinite)) return null;
  const names = Array.from({ length: program.inputs + program.parameters }, (_, i) => `a${i}`);
  const slots: string[] = [];
  const lines: string[] = [];
  const slot = (value: string): void => {
    lines.push(`const x${slots.length} = ${value};`);
    slots.push(`x${slots.length}`);
  };
  inputs.forEach((x, i) => {
    slot(`${names[i]}[${offsetSource('this.thread.x', x.shape, x.strides, x.offset)}]`);
  });
  slots.push(...names.slice(program.inputs), ...constants.map((value) => `(${value})`));
  for (const { fn, args } of instructions) {
    const [a, b, c] = args.map((index) => slots[index]);
    slot((calls[fn] as NonNullable<(typeof calls)[Primitive]>)(a, b, c));
  }
  const source = `function (${names.join(', ')}) { ${lines.join(' ')} return ${slots[program.results[0]]}; }`;
  return { source, length: sizeOf(out.shape) };
}
