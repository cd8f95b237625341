/** A pointwise expression as a straight list of instructions over slots: what a device runs or compiles. */
import { type Expression, nodesOf, type Primitive } from './expression.ts';

export interface Instruction {
  readonly fn: Primitive;
  /** Slots of the arguments. */
  readonly args: readonly number[];
}

/**
 * Slots are numbered: inputs first, then parameters, then constants, then one result per instruction.
 * The result of the program is slot `result`.
 */
export interface Program {
  /** Stable name of the program's structure: a key for compiled kernels. */
  readonly key: string;
  readonly inputs: number;
  readonly parameters: number;
  readonly constants: readonly number[];
  readonly instructions: readonly Instruction[];
  readonly result: number;
  /** Floating-point operations per element: one per instruction, comparisons and selections included. */
  readonly flops: number;
}

const compiled = new Map<number, Program>();

/** The program of an expression that reads `inputs` tensors and `parameters` numbers. */
export function compile(root: Expression, inputs: number, parameters: number): Program {
  const known = compiled.get(root.id);
  if (known && known.inputs === inputs && known.parameters === parameters) return known;
  const nodes = nodesOf(root);
  const constants = nodes.filter((node) => node.fn === 'constant');
  const slots = new Map<Expression, number>();
  for (const node of nodes) {
    if (node.fn === 'input') slots.set(node, node.value);
    else if (node.fn === 'parameter') slots.set(node, inputs + node.value);
  }
  constants.forEach((node, i) => slots.set(node, inputs + parameters + i));
  const instructions: Instruction[] = [];
  for (const node of nodes) {
    if (node.args.length === 0) continue;
    slots.set(node, inputs + parameters + constants.length + instructions.length);
    instructions.push({ fn: node.fn as Primitive, args: node.args.map((arg) => slots.get(arg) as number) });
  }
  const program: Program = {
    key: `pointwise/${root.id}/${inputs}/${parameters}`,
    inputs,
    parameters,
    constants: constants.map((node) => node.value),
    instructions,
    result: slots.get(root) as number,
    flops: instructions.length,
  };
  compiled.set(root.id, program);
  return program;
}
