/**
 * Pointwise mathematics as data: an op writes its value once, as an expression, and every dialect (reference loops,
 * SIMD, gpu.js source), the derivative and the FLOP count are read off it.
 *
 * Expressions are interned: two that are built alike are the same object, with the same `id`, so that comparing,
 * caching and sharing sub-expressions is a comparison of numbers.
 */

/** Functions of one element that every device knows, with their number of arguments. Comparisons give 0 or 1. */
export const arity = {
  add: 2, sub: 2, mul: 2, div: 2, pow: 2, maximum: 2, minimum: 2,
  lessThan: 2, lessEqual: 2, equal: 2, select: 3,
  neg: 1, abs: 1, sign: 1, exp: 1, expm1: 1, log: 1, log1p: 1, sqrt: 1, sin: 1, cos: 1, tanh: 1, sigmoid: 1,
  erf: 1,
} as const; // biome-ignore format: one line per family

export type Primitive = keyof typeof arity;
export type Operand = Expression | number;

/**
 * A node of an expression. Leaves are `input` (the n-th tensor), `parameter` (the n-th number handed over at run time,
 * so that a changing scalar needs no new kernel) and `constant`.
 */
export class Expression {
  readonly id: number;
  readonly fn: Primitive | 'input' | 'parameter' | 'constant';
  /** The index of an input or parameter, or the value of a constant. */
  readonly value: number;
  readonly args: readonly Expression[];
  /** See `nodeCount`; 0 before it is first asked. */
  nodes = 0;

  /** Use `input`, `parameter`, `constant` or the methods below: they intern. */
  constructor(id: number, fn: Expression['fn'], value: number, args: readonly Expression[]) {
    this.id = id;
    this.fn = fn;
    this.value = value;
    this.args = args;
  }

  add(other: Operand): Expression { return call('add', this, other); }
  sub(other: Operand): Expression { return call('sub', this, other); }
  mul(other: Operand): Expression { return call('mul', this, other); }
  div(other: Operand): Expression { return call('div', this, other); }
  pow(exponent: Operand): Expression { return call('pow', this, exponent); }
  maximum(other: Operand): Expression { return call('maximum', this, other); }
  minimum(other: Operand): Expression { return call('minimum', this, other); }
  lessThan(other: Operand): Expression { return call('lessThan', this, other); }
  lessEqual(other: Operand): Expression { return call('lessEqual', this, other); }
  equal(other: Operand): Expression { return call('equal', this, other); }
  greaterThan(other: Operand): Expression { return call('lessThan', toExpression(other), this); }
  greaterEqual(other: Operand): Expression { return call('lessEqual', toExpression(other), this); }
  /** Where this is not 0, `a`, otherwise `b`. */
  select(a: Operand, b: Operand): Expression { return call('select', this, a, b); }
  neg(): Expression { return call('neg', this); }
  abs(): Expression { return call('abs', this); }
  sign(): Expression { return call('sign', this); }
  exp(): Expression { return call('exp', this); }
  expm1(): Expression { return call('expm1', this); }
  log(): Expression { return call('log', this); }
  log1p(): Expression { return call('log1p', this); }
  sqrt(): Expression { return call('sqrt', this); }
  sin(): Expression { return call('sin', this); }
  cos(): Expression { return call('cos', this); }
  tanh(): Expression { return call('tanh', this); }
  sigmoid(): Expression { return call('sigmoid', this); }
  erf(): Expression { return call('erf', this); }
  square(): Expression { return this.mul(this); }
  reciprocal(): Expression { return constant(1).div(this); }
} // biome-ignore format: a method a line

const interned = new Map<string, Expression>();

function intern(fn: Expression['fn'], value: number, args: readonly Expression[]): Expression {
  const key = `${fn}:${Object.is(value, -0) ? '-0' : value}:${args.map((arg) => arg.id).join(',')}`;
  let expression = interned.get(key);
  if (!expression) {
    expression = new Expression(interned.size, fn, value, args);
    interned.set(key, expression);
  }
  return expression;
}

function call(fn: Primitive, ...args: Operand[]): Expression {
  return intern(fn, 0, args.map(toExpression));
}

export function input(index: number): Expression {
  return intern('input', index, []);
}

export function parameter(index: number): Expression {
  return intern('parameter', index, []);
}

export function constant(value: number): Expression {
  return intern('constant', value, []);
}

export function toExpression(operand: Operand): Expression {
  return typeof operand === 'number' ? constant(operand) : operand;
}

/** Rebuilds an expression with its leaves replaced by what `leaf` gives for them. */
export function substitute(root: Expression, leaf: (expression: Expression) => Expression): Expression {
  const done = new Map<Expression, Expression>();
  const visit = (node: Expression): Expression => {
    let result = done.get(node);
    if (!result) {
      const isLeaf = node.args.length === 0;
      result = isLeaf ? leaf(node) : intern(node.fn, node.value, node.args.map(visit));
      done.set(node, result);
    }
    return result;
  };
  return visit(root);
}

/** The distinct nodes of an expression, arguments before those who use them. */
export function nodesOf(root: Expression): Expression[] {
  const seen = new Set<Expression>();
  const visit = (node: Expression): void => {
    if (seen.has(node)) return;
    for (const arg of node.args) visit(arg);
    seen.add(node);
  };
  visit(root);
  return [...seen];
}

/** How many distinct nodes an expression has. */
export function nodeCount(root: Expression): number {
  root.nodes ||= nodesOf(root).length;
  return root.nodes;
}

/** The indices of the inputs that an expression reads, ascending. */
export function inputsOf(root: Expression): number[] {
  const leaves = nodesOf(root).filter((node) => node.fn === 'input');
  return leaves.map((node) => node.value).sort((a, b) => a - b);
}
