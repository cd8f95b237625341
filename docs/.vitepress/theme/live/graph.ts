/**
 * An expression as the library computes it: every op an op of hopgrad on scalar tensors in float64, every gradient what a
 * hook saw when the backward pass came by. The order of the steps is the order in which the hooks were called.
 */
import { gradients, type Tensor, tensor } from 'hopgrad';
import { type Expression, leavesOf, type OpName, visit } from './expression.ts';

export interface GraphVertex {
  id: number;
  kind: Expression['kind'];
  /** What stands in the graph: `mul`, `a`, `2`. */
  label: string;
  /** What the reader called it, where it is no leaf. */
  name: string;
  op: OpName | null;
  /** The vertices of the arguments, one each: twice the same for a · a. */
  inputs: number[];
  value: number;
}

/** The backward pass at one vertex. */
export interface BackwardStep {
  vertex: number;
  /** Its gradient: whole, for everything that uses it has passed its share on. */
  gradient: number;
  /** What it hands to each of its inputs; null to a constant. */
  shares: (number | null)[];
}

export interface ExpressionGraph {
  /** Inputs before what uses them; the last is the output. */
  vertices: GraphVertex[];
  steps: BackwardStep[];
}

export interface LeafCheck {
  name: string;
  value: number;
  gradient: number;
  /** (f(x + h) − f(x − h)) / 2h */
  difference: number;
}

type Values = Readonly<Record<string, number>>;

const scalar = (value: number, requiresGrad = false): Tensor =>
  tensor(value, { dtype: 'float64', requiresGrad });

/** Runs one op of the library. */
export function apply(op: OpName, args: readonly Tensor[]): Tensor {
  const [first, ...rest] = args;
  return (first[op] as (...rest: Tensor[]) => Tensor)(...rest);
}

/** The tensor of every part of an expression, inputs first. */
function compute(expression: Expression, values: Values, requiresGrad: boolean): Map<Expression, Tensor> {
  const tensors = new Map<Expression, Tensor>();
  visit(expression, (one) => {
    if (one.kind === 'number') tensors.set(one, scalar(one.value));
    else if (one.kind === 'leaf') tensors.set(one, scalar(values[one.name] ?? 0, requiresGrad));
    else
      tensors.set(
        one,
        apply(
          one.op,
          one.args.map((arg) => tensors.get(arg)!),
        ),
      );
  });
  return tensors;
}

/** What an expression comes to. */
export function evaluate(expression: Expression, values: Values): number {
  return compute(expression, values, false).get(expression)!.item();
}

/** The graph of an expression, with what went forward and what comes back. */
export function buildGraph(expression: Expression, values: Values): ExpressionGraph {
  const tensors = compute(expression, values, true);
  const parts = [...tensors.keys()];
  const vertices = parts.map((one, id): GraphVertex => {
    const isOp = one.kind === 'op';
    return {
      id,
      kind: one.kind,
      label:
        one.kind === 'op' ? one.op : one.kind === 'leaf' ? one.name : String(one.value).replace('-', '−'),
      name: (isOp && one.name) || '',
      op: isOp ? one.op : null,
      inputs: isOp ? one.args.map((arg) => parts.indexOf(arg)) : [],
      value: tensors.get(one)!.item(),
    };
  });
  const steps: BackwardStep[] = [];
  parts.forEach((one, id) => {
    const x = tensors.get(one)!;
    if (!x.requiresGrad) return;
    x.registerHook((gradient) => {
      steps.push({ vertex: id, gradient: gradient.item(), shares: [] });
      return undefined;
    });
  });
  const output = tensors.get(expression)!;
  if (output.requiresGrad) output.backward();
  for (const step of steps) step.shares = sharesOf(vertices, step);
  return { vertices, steps };
}

/** What a vertex hands on: its op alone, differentiated by the library for the gradient that arrived. */
function sharesOf(vertices: readonly GraphVertex[], { vertex, gradient }: BackwardStep): (number | null)[] {
  const { op, inputs } = vertices[vertex];
  if (!op) return [];
  // Leaves of their own, so that the two sides of a · a are told apart.
  const args = inputs.map((id) => scalar(vertices[id].value, true));
  const shares = gradients(apply(op, args), args, { gradient: scalar(gradient) });
  return shares.map((share, i) => (dependsOnLeaf(vertices, inputs[i]) ? share.item() : null));
}

function dependsOnLeaf(vertices: readonly GraphVertex[], id: number): boolean {
  const { kind, inputs } = vertices[id];
  return kind === 'leaf' || inputs.some((input) => dependsOnLeaf(vertices, input));
}

/** Each leaf's gradient beside a central difference. */
export function checkLeaves(expression: Expression, values: Values, graph: ExpressionGraph): LeafCheck[] {
  return leavesOf(expression).map((name) => {
    const value = values[name] ?? 0;
    const h = 1e-5 * Math.max(1, Math.abs(value));
    const at = (x: number): number => evaluate(expression, { ...values, [name]: x });
    const id = graph.vertices.findIndex((vertex) => vertex.kind === 'leaf' && vertex.label === name);
    const gradient = graph.steps.find(({ vertex }) => vertex === id)?.gradient ?? 0;
    return { name, value, gradient, difference: (at(value + h) - at(value - h)) / (2 * h) };
  });
}

/** What each op hands to its inputs, in words: g is the gradient that arrives, y the op's own value. */
export const rules: Readonly<Record<OpName, string>> = {
  add: 'a sum hands g to both sides',
  sub: 'g to the left, −g to the right',
  mul: 'each factor gets g times the other',
  div: 'the top gets g / bottom, the bottom −g · y / bottom',
  neg: '−g',
  tanh: 'g · (1 − y²)',
  sigmoid: 'g · y · (1 − y)',
  relu: 'g where the input is above 0, else 0',
  exp: 'g · y',
  log: 'g / input',
  sqrt: 'g / (2 y)',
  square: 'g · 2 · input',
  abs: 'g times the sign of the input',
  sin: 'g · cos(input)',
  cos: '−g · sin(input)',
  gelu: 'g times the slope of gelu',
  silu: 'g times the slope of silu',
  softplus: 'g · sigmoid(input)',
  maximum: 'g to the larger side',
  minimum: 'g to the smaller side',
  pow: 'g · exponent · base^(exponent − 1) to the base, g · y · log(base) to the exponent',
};

/** `a 0.5,b -1`, as values of leaves stand in an address. */
export function writeValues(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(',');
}

/** What of it reads as a name and a number. */
export function readValues(text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [, name, value] of text.matchAll(/(\w+) ([^,]+)/g)) {
    if (Number.isFinite(Number(value))) found[name] = Number(value);
  }
  return found;
}

/** A vertex as the reader may call it: its own name for it, or what it does. */
export function nameOf({ label, name }: GraphVertex): string {
  return name ? `${name} (${label})` : label;
}
