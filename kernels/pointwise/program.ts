/** A pointwise expression as a straight list of instructions over slots: what a device runs or compiles. */
import { type Expression, nodesOf, type Primitive } from './expression.ts';

export interface Instruction {
  readonly fn: Primitive;
  /** Slots of the arguments. */
  readonly args: readonly number[];
}

/**
 * Slots are numbered: inputs first, then parameters, then constants, then one per instruction. What comes out are the slots
 * of `results`: one for a pointwise op, several for an update.
 */
export interface Program {
  /** Stable name of the program's structure: a key for compiled kernels. */
  readonly key: string;
  readonly inputs: number;
  readonly parameters: number;
  readonly constants: readonly number[];
  readonly instructions: readonly Instruction[];
  readonly results: readonly number[];
  /** Floating-point operations per element: one per instruction, comparisons and selections included. */
  readonly flops: number;
}

/** Programs of one result, by its expression; more than one where it was compiled for several numbers of leaves. */
const compiled = new Map<number, Program[]>();

/** The program of an expression that reads `inputs` tensors and `parameters` numbers. */
export function compile(root: Expression, inputs: number, parameters: number): Program {
  let known = compiled.get(root.id);
  if (!known) {
    known = [];
    compiled.set(root.id, known);
  }
  for (const program of known) {
    if (program.inputs === inputs && program.parameters === parameters) return program;
  }
  const program = translate([root], inputs, parameters);
  known.push(program);
  return program;
}

const together = new Map<string, Program>();

/** The program of several expressions over the same leaves: it computes what they share once. */
export function compileTogether(roots: readonly Expression[], inputs: number, parameters: number): Program {
  const key = keyOf(roots, inputs, parameters);
  const program = together.get(key) ?? translate(roots, inputs, parameters);
  together.set(key, program);
  return program;
}

function keyOf(roots: readonly Expression[], inputs: number, parameters: number): string {
  return `pointwise/${roots.map(({ id }) => id).join('+')}/${inputs}/${parameters}`;
}

function translate(roots: readonly Expression[], inputs: number, parameters: number): Program {
  const nodes = [...new Set(roots.flatMap(nodesOf))];
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
  return {
    key: keyOf(roots, inputs, parameters),
    inputs,
    parameters,
    constants: constants.map((node) => node.value),
    instructions,
    results: roots.map((root) => slots.get(root) as number),
    flops: instructions.length,
  };
}
